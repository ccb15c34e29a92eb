"""The entry point; the commands are in :mod:`llmchat_deploy.cli.app`."""

from __future__ import annotations

import gc
import os
import sys

from llmchat_deploy import __version__

PROGRAM = "llmchat-deploy"


def main() -> None:
    """Run the command line."""
    if sys.argv[1:] == ["--version"]:
        # Answered before anything is imported: scripts ask this often.
        sys.stdout.write(f"{PROGRAM} {__version__}\n")
        return
    # Looking for plugins of pydantic costs more than all of our own modules, and none has a say in our models.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # Importing makes many objects and no garbage: collecting meanwhile costs some 7 % of a short run.
    gc.set_threshold(200_000)
    from llmchat_deploy.cli.app import app
    from llmchat_deploy.cli.signals import take_as_ctrl_c

    take_as_ctrl_c()
    app()
