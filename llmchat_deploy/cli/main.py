"""The entry point; the commands are in :mod:`llmchat_deploy.cli.app`."""

from __future__ import annotations

import gc
import os
import sys

from llmchat_deploy import __version__

PROGRAM = "llmchat-deploy"


def _open_closed_streams() -> None:
    """Let standard streams that were closed (``>&-``, some daemons do) lead nowhere.

    Otherwise the next file or connection that is opened gets their number, and with it what commands that we run say.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))


def _tell_version() -> bool:
    """Answer before anything is imported: scripts ask this often. What is in the way of it, the long way tells."""
    try:
        sys.stdout.write(f"{PROGRAM} {__version__}\n")
        sys.stdout.flush()
    except OSError:
        return False
    return True


def main() -> None:
    """Run the command line."""
    _open_closed_streams()
    if sys.argv[1:] == ["--version"] and _tell_version():
        return
    # Looking for plugins of pydantic costs more than all of our own modules, and none has a say in our models.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # Importing makes many objects and no garbage: collecting meanwhile costs some 7 % of a short run.
    gc.set_threshold(200_000)
    from llmchat_deploy.cli.app import app
    from llmchat_deploy.cli.signals import take_as_ctrl_c

    take_as_ctrl_c()
    app()
