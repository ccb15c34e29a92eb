"""``restart``: new processes for what runs."""

from __future__ import annotations

from llmchat_deploy.cli.options import Cut, Services
from llmchat_deploy.cli.session import Session

EXAMPLES = """
llmchat-deploy restart --env production backend
"""


def restart(session: Session, services: Services = None, cut: Cut = False) -> int:
    """Restart services as they are; a changed configuration needs up.

    Backend and page are started once more beside what serves and take over when they are proved healthy; the old ones
    finish their open answers. The edge gets a new worker. What has no second place is restarted where it is: the edge
    where it is named, and the bundled model. At a terminal that is asked about unless --yes is given.
    """
    from llmchat_deploy.cli.confirm import confirm_restart
    from llmchat_deploy.operations import restart as operation
    from llmchat_deploy.operations.parts import Parts
    from llmchat_deploy.output.restart_view import show_restart

    parts = Parts(session.rough_environment, session.templates, session.host, session.engine)
    asked = operation.Asked(tuple(services or ()), cut)
    agreed = operation.plan(parts, asked)
    confirm_restart(session, agreed)
    with session.progress() as events:
        outcome = operation.apply(agreed, asked, parts, events)
    return session.finish(outcome, show_restart)
