"""``rollback``: run an earlier release again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from llmchat_deploy.cli.backup_checks import KeyFile
from llmchat_deploy.cli.options import ExitCodeOption
from llmchat_deploy.cli.session import Session
from llmchat_deploy.errors import ExitCode

if TYPE_CHECKING:
    from llmchat_deploy.operations.rollback_target import Target
    from llmchat_deploy.plan.plan import Plan

EXAMPLES = """
llmchat-deploy rollback --env production                  the release before this one
llmchat-deploy rollback 3f9a1c --env production --plan    one of `releases`, only shown
"""

Wanted = Annotated[str, typer.Argument(metavar="[ID]", help="Release of `releases`; the one before, if none.")]
PlanOnly = Annotated[bool, typer.Option("--plan", help="Only show what would be done.")]
KeepData = Annotated[bool, typer.Option("--keep-data", help="Go back to the code only, whatever the schema.")]
Confirm = Annotated[
    str | None, typer.Option("--confirm", metavar="NAME", help="Name of the environment whose data may go back too.")
]


def rollback(  # noqa: PLR0913, PLR0917 - the ways to ask for it
    session: Session,
    release: Wanted = "",
    plan_only: PlanOnly = False,
    keep_data: KeepData = False,
    confirm: Confirm = None,
    key: KeyFile = None,
    exit_code: ExitCodeOption = False,
) -> int:
    """Run an earlier release again, from the images that are kept: in seconds, without a build, without downtime.

    Where an update has changed the database's schema since, the data goes back to the backup made right before it:
    what was written after that isn't in it, so the environment's name has to be typed or given with --confirm. The
    present data is kept: `restore --undo` goes back to it. The edge stays as it is, and with it every address.
    """
    from llmchat_deploy.cli.confirm import confirm_rollback
    from llmchat_deploy.cli.keys import identities
    from llmchat_deploy.operations import rollback as operation
    from llmchat_deploy.output.plan_view import show_plan
    from llmchat_deploy.output.rollback_view import show_rollback

    session.refuse_lost_secrets()
    asked, keys, archives = operation.Asked(release, keep_data), identities(session, key), session.world.archives()
    target = asked.target(session.parts)
    agreed = operation.plan(session.parts, target, archives, keys)
    if plan_only:
        return _only_shown(session, agreed, exit_code=exit_code)
    if agreed.is_empty:
        return session.finish(operation.unchanged(agreed, asked, session.parts), show_rollback)
    if not session.options.json:
        show_plan(session.screen, agreed)
    confirm_rollback(session, agreed, _lost(session, target), confirm)
    with session.progress() as events:
        outcome = operation.apply(agreed, asked, session.parts, archives, events, keys)
    return session.finish(outcome, show_rollback)


def _lost(session: Session, target: Target) -> str:
    from llmchat_deploy.output.words import since

    return since(target.snapshot_at, session.host.now()) if target.snapshot else ""


def _only_shown(session: Session, agreed: Plan, *, exit_code: bool) -> ExitCode:
    from llmchat_deploy.operations.outcome import Outcome
    from llmchat_deploy.output.plan_view import show_plan

    code = ExitCode.CHANGES_FOUND if exit_code and not agreed.is_empty else ExitCode.OK
    return session.finish(Outcome("rollback", agreed, exit_code=code), show_plan)
