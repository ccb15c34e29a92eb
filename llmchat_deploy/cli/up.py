"""``up``: make the environment real."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from llmchat_deploy.cli.options import Cut, ExitCodeOption, RequireModel
from llmchat_deploy.cli.plan import plan
from llmchat_deploy.cli.session import Session

if TYPE_CHECKING:
    from llmchat_deploy.operations.outcome import Outcome
    from llmchat_deploy.operations.up import AdminCreated, UpData
    from llmchat_deploy.plan.plan import Plan

EXAMPLES = """
llmchat-deploy up --env development
llmchat-deploy up --env production --plan
llmchat-deploy up --env production --set server.web_port=8080
"""

PlanOnly = Annotated[bool, typer.Option("--plan", help="Only show what would be done.")]


def up(
    session: Session,
    plan_only: PlanOnly = False,
    exit_code: ExitCodeOption = False,
    require_model: RequireModel = False,
    cut: Cut = False,
) -> int:
    """Build what is missing, start it, check it and print the addresses.

    The plan is shown first. A first deploy goes on without a question; at a terminal, a plan that changes or stops
    something that runs is asked about unless --yes is given. Without a terminal such a plan goes on, and only one
    that loses data is refused (exit 6). A run that was interrupted is finished by running it again.
    """
    # A run with nothing to do imports neither the plan's view nor the questions: it is the one that is run most.
    from llmchat_deploy.operations import up as operation
    from llmchat_deploy.output.up_view import show_up

    if plan_only:
        return plan(session, exit_code, require_model, cut)
    session.refuse_lost_secrets()
    options = operation.UpOptions(require_model=require_model, cut=cut)
    parts = (session.environment, session.templates, session.host, session.engine)
    agreed = operation.plan(*parts, options)
    if agreed.is_empty:
        return session.finish(operation.unchanged(session.environment, agreed, session.host), show_up)
    agree(session, agreed)
    with session.progress() as events:
        outcome = operation.apply(agreed, *parts, events, options=options)
    if outcome.data.admin is None:
        return session.finish(outcome, show_up)
    return _finish_with_password(session, outcome, outcome.data.admin)


def agree(session: Session, agreed: Plan) -> None:
    """Show the plan, and have a person agree to it."""
    from llmchat_deploy.cli.confirm import confirm_up
    from llmchat_deploy.output.plan_view import show_plan

    if not session.options.json:
        show_plan(session.screen, agreed)
    confirm_up(session, agreed)


def _finish_with_password(session: Session, outcome: Outcome[UpData], admin: AdminCreated) -> int:
    from llmchat_deploy.cli.password import finish
    from llmchat_deploy.output.up_view import show_up

    return finish(session, outcome, show_up, admin)
