"""Other ways of being told to end, taken as Ctrl-C: a service manager's SIGTERM, and SIGHUP where the terminal is gone.

So what can't be left half done goes back first. Whoever was started to ignore one (``nohup``) goes on ignoring it.
"""

from __future__ import annotations

import os
import signal
import sys


def take_as_ctrl_c() -> None:
    """Let both raise KeyboardInterrupt from now on."""
    # Asked now: one that is gone no longer says that it is a terminal.
    terminals = [stream.fileno() for stream in (sys.stdin, sys.stdout, sys.stderr) if stream.isatty()]

    def end(number: int, _frame: object) -> None:
        if number == signal.SIGHUP:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the shell may say it again
            _silence(terminals)
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end)


def _silence(terminals: list[int]) -> None:
    """Let output go nowhere: to write to a terminal that is gone would fail."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for terminal in terminals:
        os.dup2(nowhere, terminal)
    os.close(nowhere)
