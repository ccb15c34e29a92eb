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

    environment = session.rough_environment
    templates = session.templates if session.is_valid else None
    outcome = operation.status(environment, templates, session.host, session.engine)
    return session.finish(outcome, show_status)
