"""``restart``: stop and start what runs."""

from __future__ import annotations

from llmchat_deploy.cli.options import Services
from llmchat_deploy.cli.session import Session

EXAMPLES = """
llmchat-deploy restart --env production backend
"""


def restart(session: Session, services: Services = None) -> int:
    """Restart services as they are; a changed configuration needs up."""
    from llmchat_deploy.operations import restart as operation
    from llmchat_deploy.output.restart_view import show_restart

    with session.progress() as events:
        outcome = operation.restart(
            session.rough_environment, session.host, session.engine, events, services=tuple(services or ())
        )
    return session.finish(outcome, show_restart)
