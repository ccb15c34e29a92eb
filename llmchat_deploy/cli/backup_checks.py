"""``backup verify`` and ``backup drill``: whether a backup is as good as it was, and whether it can be restored."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llmchat_deploy.cli.options import Commands
from llmchat_deploy.cli.session import Session

KeyFile = Annotated[
    Path | None,
    typer.Option("--key", metavar="FILE", help="The private key, if not .backup-key.NAME.", show_default=False),
]
Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Which ones; the latest where none is named.")]
Id = Annotated[str, typer.Argument(metavar="[ID]", help="Which one.")]
All = Annotated[bool, typer.Option("--all", help="Every one.")]


def verify(session: Session, ids: Ids = None, every: All = False, key: KeyFile = None) -> int:
    """Read backups back, every byte of them, against what was written.

    A damaged one counts as no backup from then on; the others are read all the same (exit 11 where any is damaged).
    """
    from llmchat_deploy.cli.keys import identities
    from llmchat_deploy.operations import backup as operation
    from llmchat_deploy.output.backup_view import show_verified

    named = (operation.ALL,) if every else tuple(ids or ())
    keys = identities(session, key)
    with session.progress() as events:
        outcome = operation.verify(named, session.parts, events, keys)
    return session.finish(outcome, show_verified)


def drill(session: Session, backup_id: Id = "latest", key: KeyFile = None) -> int:
    """Restore a backup into a place of its own, start the service on it there and use it.

    Nothing that runs is touched. `status` and `health` show when that was last done.
    """
    from llmchat_deploy.cli.keys import identities
    from llmchat_deploy.operations import backup as operation
    from llmchat_deploy.output.backup_view import show_drill

    keys = identities(session, key)
    with session.progress() as events:
        outcome = operation.drill(backup_id, session.parts, events, keys)
    return session.finish(outcome, show_drill)


COMMANDS: Commands = {
    "verify": (verify, "llmchat-deploy backup verify --env production --all"),
    "drill": (drill, "llmchat-deploy backup drill --env production"),
}
