"""``down``: stop an environment."""

from __future__ import annotations

from typing import Annotated

import typer

from llmchat_deploy.cli.session import Session

EXAMPLES = """
llmchat-deploy down --env staging
llmchat-deploy down --env staging --volumes --confirm staging   all data of staging is lost
"""

Volumes = Annotated[bool, typer.Option("--volumes", help="Remove the data too: accounts, conversations, files.")]
Confirm = Annotated[
    str | None,
    typer.Option("--confirm", metavar="NAME", help="Name of the environment whose data may be lost."),
]


def down(session: Session, volumes: Volumes = False, confirm: Confirm = None) -> int:
    """Stop and remove the containers; the data stays.

    With --volumes the data goes too: what would be lost is shown, and the environment's name has to be typed or
    given with --confirm. --yes is not enough.
    """
    from llmchat_deploy.cli.confirm import confirm_down
    from llmchat_deploy.operations import down as operation
    from llmchat_deploy.output.down_view import show_down
    from llmchat_deploy.output.plan_view import show_plan

    parts = (session.rough_environment, session.host, session.engine)
    agreed = operation.plan(*parts, volumes=volumes)
    if not agreed.is_empty and not session.options.json:
        show_plan(session.screen, agreed)
    confirm_down(session, agreed, confirm)
    with session.progress() as events:
        outcome = operation.apply(agreed, *parts, events, volumes=volumes)
    return session.finish(outcome, show_down)
