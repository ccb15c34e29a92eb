"""``restart``: stop and start what runs."""

from __future__ import annotations

from llmchat_deploy.cli.options import Services
from llmchat_deploy.cli.session import Session

EXAMPLES = """
llmchat-deploy restart --env production backend
"""


def restart(session: Session, services: Services = None) -> int:
    """Restart services as they are; a changed configuration needs up.

    Restarting the edge or the backend cuts off the answers that are being written: at a terminal that is asked about
    unless --yes is given.
    """
    from llmchat_deploy.cli.confirm import confirm_restart
    from llmchat_deploy.operations import restart as operation
    from llmchat_deploy.output.restart_view import show_restart

    environment, wanted = session.rough_environment, tuple(services or ())
    confirm_restart(session, environment, operation.chosen_services(environment, session.engine, wanted))
    with session.progress() as events:
        outcome = operation.restart(environment, session.host, session.engine, events, services=wanted)
    return session.finish(outcome, show_restart)
