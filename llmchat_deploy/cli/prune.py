"""``prune``: free the disk of what nothing needs any more."""

from __future__ import annotations

from typing import Annotated

import typer

from llmchat_deploy.cli.session import Session

EXAMPLES = """
llmchat-deploy prune --env production --dry-run
"""

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be removed.")]


def prune(session: Session, dry_run: DryRun = False) -> int:
    """Remove old images that no kept release needs; bound the build cache.

    Images that a container, or a release kept for going back, of any environment here needs stay; so does everything
    that this tool didn't make. `up` and `update` remove old images by themselves. Backups have a `backup prune`.
    """
    from llmchat_deploy.operations import prune as operation
    from llmchat_deploy.operations.outcome import Outcome
    from llmchat_deploy.output.plan_view import show_plan
    from llmchat_deploy.output.prune_view import show_pruned

    if dry_run:
        return session.finish(Outcome("prune", operation.plan(session.parts)), show_plan)
    with session.progress() as events:
        outcome = operation.prune(session.parts, events)
    return session.finish(outcome, show_pruned)
