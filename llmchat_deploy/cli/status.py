"""``status``: what runs."""

from __future__ import annotations

from llmchat_deploy.cli.session import Session

EXAMPLES = """
llmchat-deploy status --env production
llmchat-deploy status --env production --json | jq .data.state
"""


def status(session: Session) -> int:
    """Show what runs, since when, and whether up would change something."""
    from llmchat_deploy.operations import status as operation
    from llmchat_deploy.output.status_view import show_status

    outcome = operation.status(session.environment, session.templates, session.host, session.engine)
    return session.finish(outcome, show_status)
