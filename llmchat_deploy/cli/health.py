"""``health``: does it work."""

from __future__ import annotations

from llmchat_deploy.cli.session import Session

EXAMPLES = """
llmchat-deploy health --env production && echo fine
"""


def health(session: Session) -> int:
    """Check everything a chat needs, down to the model.

    Exits with 9 where a check fails. A model server that doesn't answer is a warning: the service itself is up.
    """
    from llmchat_deploy.operations import health as operation
    from llmchat_deploy.output.health_view import show_health

    outcome = operation.health(session.environment, session.host, session.engine)
    return session.finish(outcome, show_health)
