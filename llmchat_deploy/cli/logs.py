"""``logs``: what the services say."""

from __future__ import annotations

from typing import Annotated

import typer

from llmchat_deploy.cli.options import Services
from llmchat_deploy.cli.session import Session
from llmchat_deploy.errors import ExitCode

EXAMPLES = """
llmchat-deploy logs --env production -f backend
llmchat-deploy logs --env production --tail 100
"""

Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on with new lines until Ctrl-C.")]
Tail = Annotated[int | None, typer.Option("--tail", "-n", min=0, metavar="N", help="Only the last N lines of each.")]


def logs(session: Session, services: Services = None, follow: Follow = False, tail: Tail = None) -> int:
    """Show what the services log, each line with its service."""
    from llmchat_deploy.cli.boundary import UsageProblem
    from llmchat_deploy.operations import logs as operation
    from llmchat_deploy.operations.outcome import Outcome
    from llmchat_deploy.output.log_view import LogData, show_lines

    if follow and session.options.json:
        raise UsageProblem(
            "--follow never ends, so it can't give one JSON document.", hint="Leave out --follow or --json."
        )
    lines = operation.logs(
        session.rough_environment, session.engine, services=tuple(services or ()), follow=follow, tail=tail
    )
    if session.options.json:
        return session.finish(Outcome("logs", LogData(tuple(lines))), lambda _screen, _data: None)
    session.result = ExitCode.OK  # whoever leaves after the first lines (``head``) has seen what they wanted
    try:
        show_lines(session.screen, lines)
    except KeyboardInterrupt:
        # The usual end of --follow: nothing was interrupted that could go on.
        return ExitCode.INTERRUPTED
    return ExitCode.OK
