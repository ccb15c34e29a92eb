"""``backup list``, ``show`` and ``prune``: look after the backups that there are."""

from __future__ import annotations

from typing import Annotated

import typer

from llmchat_deploy.cli.options import Commands
from llmchat_deploy.cli.session import Session

Wanted = Annotated[str, typer.Argument(metavar="[ID]", help="Id or number of a backup, or latest.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be removed, and why the rest stays.")]


def list_backups(session: Session) -> int:
    """List the backups, the newest first."""
    from llmchat_deploy.operations import backup_list as operation
    from llmchat_deploy.output.backup_list_view import show_list

    return session.finish(operation.list_backups(session.environment, session.host), show_list)


def show(session: Session, wanted: Wanted = "latest") -> int:
    """Show what a backup holds, as the file beside it says."""
    from llmchat_deploy.operations import backup_list as operation
    from llmchat_deploy.output.backup_list_view import show_details

    return session.finish(operation.show(session.environment, session.host, wanted), show_details)


def prune(session: Session, dry_run: DryRun = False) -> int:
    """Remove the backups that no backup.keep_ rule keeps, here and elsewhere.

    What isn't verified fills no rule's place; the newest verified backup always stays, and while the clock can't be
    trusted everything does. Data volumes that restores have kept for more than 7 days go too, but for the last one;
    that is asked about.
    """
    from llmchat_deploy.cli.confirm import confirm_prune
    from llmchat_deploy.operations import backup_prune as operation
    from llmchat_deploy.output.backup_list_view import show_pruned
    from llmchat_deploy.output.plan_view import show_plan

    if dry_run:
        return session.finish(operation.preview(session.environment, session.host), show_pruned)
    agreed = operation.plan(session.parts)
    if agreed.is_destructive and not session.options.json:
        show_plan(session.screen, agreed)
    confirm_prune(session, agreed)
    with session.progress() as events:
        outcome = operation.prune(agreed, session.parts, events)
    return session.finish(outcome, show_pruned)


COMMANDS: Commands = {
    "list": (list_backups, "llmchat-deploy backup list --env production"),
    "show": (
        show,
        """
        llmchat-deploy backup show --env production
        llmchat-deploy backup show 20261125-033000-0042 --env production
        """,
    ),
    "prune": (prune, "llmchat-deploy backup prune --env production --dry-run"),
}
