"""``restore``: bring data back, and go back again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from llmchat_deploy.cli.backup_checks import KeyFile
from llmchat_deploy.cli.options import ExitCodeOption
from llmchat_deploy.cli.restore_plan import Asked, planned
from llmchat_deploy.cli.session import Session
from llmchat_deploy.errors import ExitCode

if TYPE_CHECKING:
    from llmchat_deploy.plan.plan import Plan

EXAMPLES = """
llmchat-deploy restore --env production                        the latest backup
llmchat-deploy restore 20261125-101500-0007 --env production   one of `backup list`
llmchat-deploy restore FILE --key KEYFILE --env production     on an empty machine: settings and data
llmchat-deploy restore --undo --env production                 back to what was there before
"""

Backup = Annotated[str, typer.Argument(metavar="[ID|FILE|latest]", help="What to restore.")]
Undo = Annotated[bool, typer.Option("--undo", help="Go back to the data from before the last restore.")]
UseVolume = Annotated[
    str | None,
    typer.Option("--use-volume", metavar="NAME", help="Use a data volume that is there.", show_default=False),
]
PlanOnly = Annotated[bool, typer.Option("--plan", help="Only show what would be done.")]
Foreign = Annotated[bool, typer.Option("--foreign", help="Accept a backup of another environment.")]


def restore(  # noqa: PLR0913, PLR0917 - the ways to ask for it
    session: Session,
    backup: Backup = "latest",
    undo: Undo = False,
    use_volume: UseVolume = None,
    plan_only: PlanOnly = False,
    foreign: Foreign = False,
    key: KeyFile = None,
    exit_code: ExitCodeOption = False,
) -> int:
    """Restore a backup beside what runs, prove it, then switch to it without downtime.

    What is there now is backed up first and stays in its volume: `restore --undo` goes back to it. Where the restored
    data doesn't serve, that happens by itself. An archive made by the deployment guide's tar command works too: its
    accounts are added to what is there.
    """
    from llmchat_deploy.cli.password import finish
    from llmchat_deploy.operations import restore as operation
    from llmchat_deploy.output.restore_view import show_restored

    asked = planned(session, Asked(backup, undo=undo, use_volume=use_volume, foreign=foreign, key=key))
    agreed = asked.planner(session.parts)
    if plan_only:
        return _only_shown(session, agreed, exit_code=exit_code)
    asked.agree(session, agreed)
    asked.write_settings(session)
    with session.progress() as events:
        outcome = operation.apply(agreed, asked.planner, session.parts, events, asked.identities, about=asked.about)
    return finish(session, outcome, show_restored, outcome.data.admin)


def _only_shown(session: Session, agreed: Plan, *, exit_code: bool) -> ExitCode:
    from llmchat_deploy.operations.outcome import Outcome
    from llmchat_deploy.output.plan_view import show_plan

    code = ExitCode.CHANGES_FOUND if exit_code and not agreed.is_empty else ExitCode.OK
    return session.finish(Outcome("restore", agreed, exit_code=code), show_plan)
