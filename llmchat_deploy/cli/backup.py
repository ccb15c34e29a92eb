"""``backup``: make a backup, and the group of everything around backups."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Annotated

import typer

from llmchat_deploy.cli import backup_checks
from llmchat_deploy.cli.options import Commands
from llmchat_deploy.cli.session import Session
from llmchat_deploy.errors import HostError

EXAMPLES = """
llmchat-deploy backup --env production
llmchat-deploy backup --env production --label "before the move" --to /mnt/usb
llmchat-deploy backup list --env production
"""

Label = Annotated[str, typer.Option("--label", metavar="TEXT", help="A word for people, shown in the list.")]
Compact = Annotated[
    bool,
    typer.Option("--compact", help="Leave out what was deleted: smaller, slower, and deleted chats are gone from it."),
]
To = Annotated[
    Path | None, typer.Option("--to", metavar="FOLDER", help="Put a copy into this folder too.", show_default=False)
]


def backup(session: Session, label: Label = "", compact: Compact = False, to: To = None) -> int:
    """Make a backup while the service runs, and look after backups.

    The copy of the database is consistent while people chat. What was written is read back, byte for byte, before the
    backup gets its name; so each one in the list was good when it was made.
    """
    from llmchat_deploy.operations import backup as operation
    from llmchat_deploy.output.backup_view import show_made

    if to is not None:
        _require_folder(to)
    agreed = operation.plan(session.parts, label=label, compact=compact)
    with session.progress() as events:
        outcome = operation.make(agreed, session.parts, events, to=str(to.absolute()) if to else None)
    return session.finish(outcome, show_made)


def _require_folder(folder: Path) -> None:
    """Raise HostError where no copy could be written: found before the backup is made."""
    try:
        there = folder.is_dir()
    except OSError as error:
        raise HostError(f"{folder} can't be looked at: {error.strerror}.") from error
    if not there:
        raise HostError(f"{folder} is no folder.", hint=f"Make it: mkdir -p {shlex.quote(str(folder))}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise HostError(f"Nothing can be written into {folder}.", hint=f"Look at it: ls -ld {shlex.quote(str(folder))}")


COMMANDS: Commands = {**backup_checks.COMMANDS}
