"""Told to end in whatever way, the tool ends as it does at Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pexpect
import pytest

from tests.paths import PYTHONPATH

WAITS = """
import signal, sys, time
from llmchat_deploy.cli.signals import take_as_ctrl_c
take_as_ctrl_c()
try:
    print("ready", flush=True)
    time.sleep(20)
except KeyboardInterrupt:
    print("going back", flush=True)
    print("going back", file=sys.stderr, flush=True)
    sys.exit(130)
"""
ENVIRON = {**os.environ, "PYTHONPATH": PYTHONPATH}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_it_is_interrupted_and_says_so_where_somebody_listens(number: signal.Signals) -> None:
    argv = (sys.executable, "-c", WAITS)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRON) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        said, complained = process.communicate(timeout=20)
    assert (process.returncode, said, complained) == (130, "going back\n", "going back\n")


def test_whoever_loses_the_terminal_still_goes_back() -> None:
    child = pexpect.spawn(sys.executable, ["-c", WAITS], env=ENVIRON, ignore_sighup=False)
    child.expect("ready")
    os.close(child.child_fd)  # the kernel hangs up
    child.closed = True
    assert os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1]) == 130


@pytest.mark.slow
def test_nohup_keeps_its_meaning() -> None:
    argv = ("nohup", sys.executable, "-c", WAITS)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=ENVIRON) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.kill()
