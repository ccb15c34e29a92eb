"""``releases`` and ``audit``: what was done to an environment."""

from __future__ import annotations

from typing import Annotated

import typer

from llmchat_deploy.cli.session import Session

EXAMPLES = """
llmchat-deploy releases --env production
llmchat-deploy releases --env production --json | jq .data.current
"""
AUDIT_EXAMPLES = """
llmchat-deploy audit --env production
llmchat-deploy audit --env production --last 200
"""

Last = Annotated[int, typer.Option("--last", metavar="N", min=1, help="How many runs are shown.")]


def releases(session: Session) -> int:
    """Show which release ran when, who deployed it, with which schema, and how that ended."""
    from llmchat_deploy.operations import releases as operation
    from llmchat_deploy.output.releases_view import show_releases

    return session.finish(operation.releases(session.rough_environment, session.host), show_releases)


def audit(session: Session, last: Last = 50) -> int:
    """Show every command that changed something: when, by whom, and how it ended.

    A run without an end, because it was killed, is shown as cut.
    """
    from llmchat_deploy.operations import releases as operation
    from llmchat_deploy.output.releases_view import show_audit

    return session.finish(operation.audit(session.rough_environment, session.host, last=last), show_audit)
