"""What ``update`` does one after the other, each with the session it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmchat_deploy.cli.session import Session
from llmchat_deploy.cli.up import agree
from llmchat_deploy.errors import ConfigError, ExitCode, RenderError
from llmchat_deploy.operations import up as up_operation
from llmchat_deploy.operations import update as operation
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.plan.up import UpOptions

if TYPE_CHECKING:
    from pathlib import Path

    from llmchat_deploy.host.clone import Clone, Coming
    from llmchat_deploy.plan.plan import Plan


def clone_of(session: Session) -> Clone:
    """Return the clone that is updated; raises CloneRefused where there is none."""
    world = session.world
    return operation.require_clone(world.clone(), is_wheel=world.is_wheel)


def nothing(clone: Clone) -> Coming:
    """Return that nothing comes."""
    from llmchat_deploy.host.clone import Coming, Target

    here = clone.commit()
    return Coming(here, Target(here))


def options_of(*, require_model: bool, cut: bool) -> UpOptions:
    """Return what an update asks of ``up``."""
    return UpOptions(require_model=require_model, cut=cut, prune=True, renew_base=True)


def show_coming(session: Session, clone: Clone, coming: Coming, options: UpOptions, *, exit_code: bool) -> ExitCode:
    """Show the commits, and what ``up`` would do with them."""
    from llmchat_deploy.output.update_view import show_update_plan

    after, unforeseen = None, ""
    if coming.moves:
        try:
            with clone.tree(coming) as tree:
                after = _foreseen(session, clone, tree, options)
        except (RenderError, ConfigError) as error:
            unforeseen = error.message
    else:
        after = _planned(session, options)
    found = operation.UpdatePlan(session.name, str(clone.folder), coming, after, unforeseen)
    code = ExitCode.CHANGES_FOUND if exit_code and not found.is_empty else ExitCode.OK
    return session.finish(Outcome("update", found, exit_code=code), show_update_plan)


def move_and_go_on(session: Session, clone: Clone, coming: Coming, options: UpOptions) -> None:
    """Bring the sources to the other version and hand over to its own code; doesn't come back."""
    from llmchat_deploy.output.update_view import show_commits

    if not session.options.json:
        show_commits(session.screen.err, coming)
    command = operation.command_for(clone, coming.target.commit, cut=options.cut)
    operation.move(clone, coming, session.host)
    common = session.options
    switches = {"--json": common.json, "--yes": common.yes, "--verbose": common.verbose}
    switches |= {"--require-model": options.require_model, "--cut": options.cut}
    given = [name for name, on in switches.items() if on]
    values = [word for value in common.overrides for word in ("--set", value)]
    session.world.run_anew((*command, "--env", session.name, *given, *values))


def deploy(session: Session, clone: Clone, options: UpOptions) -> ExitCode:
    """Do what ``up`` does with the version that is here, and note that it came through."""
    from llmchat_deploy.cli.password import finish
    from llmchat_deploy.output.update_view import show_updated

    parts = (session.environment, session.templates, session.host, session.engine)
    agreed = up_operation.plan(*parts, options)
    if agreed.is_empty:
        outcome = up_operation.unchanged(session.environment, agreed, session.host)
    else:
        agree(session, agreed)
        with session.progress() as events:
            outcome = up_operation.apply(agreed, *parts, events, options=options)
    done = operation.came_through(outcome, session.host, clone.commit())
    return finish(session, done, show_updated, outcome.data.admin)


def _planned(session: Session, options: UpOptions) -> Plan:
    return up_operation.plan(session.environment, session.templates, session.host, session.engine, options)


def _foreseen(session: Session, clone: Clone, tree: Path, options: UpOptions) -> Plan:
    """Return what this version's code would do with the new version's files."""
    from llmchat_deploy.config.load import load_environment

    sources, templates = session.world.seen_at(tree, clone.folder)
    loaded = load_environment(session.name, sources, session.options.overrides, new_secret=session.world.new_secret)
    session.screen.hide(loaded.environment.secrets)
    return up_operation.plan(loaded.environment, templates, session.host, session.engine, options)
