"""``plan``: what ``up`` would do."""

from __future__ import annotations

from llmchat_deploy.cli.options import Cut, ExitCodeOption, RequireModel
from llmchat_deploy.cli.session import Session
from llmchat_deploy.errors import ExitCode

EXAMPLES = """
llmchat-deploy plan --env production
llmchat-deploy plan --env production --exit-code   10 where something would change
llmchat-deploy plan --env production --json
"""


def plan(
    session: Session, exit_code: ExitCodeOption = False, require_model: RequireModel = False, cut: Cut = False
) -> int:
    """Show what up would do, and why, without changing anything."""
    from llmchat_deploy.operations import up as operation
    from llmchat_deploy.operations.outcome import Outcome
    from llmchat_deploy.output.plan_view import show_plan

    session.refuse_lost_secrets()
    options = operation.UpOptions(require_model=require_model, cut=cut)
    found = operation.plan(session.environment, session.templates, session.host, session.engine, options)
    found_changes = exit_code and not found.is_empty
    outcome = Outcome("plan", found, exit_code=ExitCode.CHANGES_FOUND if found_changes else ExitCode.OK)
    return session.finish(outcome, show_plan)
