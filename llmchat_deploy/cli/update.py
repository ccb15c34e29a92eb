"""``update``: fetch the project's new version, then make the environment real with it."""

from __future__ import annotations

from typing import Annotated

import typer

from llmchat_deploy.cli.options import Cut, ExitCodeOption, RequireModel
from llmchat_deploy.cli.session import Session
from llmchat_deploy.errors import DeployError

EXAMPLES = """
llmchat-deploy update --env production
llmchat-deploy update --env production --plan       which commits would come, and what would be done
llmchat-deploy update --env production --ref v1.2   that tag, branch or commit; an older one, too
"""

Ref = Annotated[
    str | None,
    typer.Option("--ref", metavar="REF", help="Go to this branch, tag or commit instead.", show_default=False),
]
PlanOnly = Annotated[bool, typer.Option("--plan", help="Fetch, and only show what would come and be done.")]
NoFetch = Annotated[bool, typer.Option("--no-fetch", help="Deploy what is here; fetch nothing.")]


def update(  # noqa: PLR0913, PLR0917 - the ways to ask for it
    session: Session,
    ref: Ref = None,
    plan_only: PlanOnly = False,
    no_fetch: NoFetch = False,
    exit_code: ExitCodeOption = False,
    require_model: RequireModel = False,
    cut: Cut = False,
) -> int:
    """Fetch the project's new version, do what up does, prune.

    Files that were changed here are never lost: where the new version changes them too, nothing is done (exit 6). A
    branch only goes forward. The new version's own code does the deploy. Where that fails, the old release runs on, and
    the command that goes back is named. An interrupted run is finished by running it again.
    """
    from llmchat_deploy.cli import update_steps as steps
    from llmchat_deploy.operations import update as operation

    if no_fetch and ref:
        raise typer.BadParameter("--ref needs a fetch: leave out --no-fetch.")
    session.refuse_lost_secrets()
    options = steps.options_of(require_model=require_model, cut=cut)
    clone = steps.clone_of(session)
    if not no_fetch:
        coming = operation.look(clone, ref)
        if plan_only:
            return steps.show_coming(session, clone, coming, options, exit_code=exit_code)
        if coming.moves:
            steps.move_and_go_on(session, clone, coming, options)
    elif plan_only:
        return steps.show_coming(session, clone, steps.nothing(clone), options, exit_code=exit_code)
    try:
        return steps.deploy(session, clone, options)
    except DeployError as error:
        operation.add_way_back(error, operation.before(session.host, clone.commit()), session.name)
        raise
