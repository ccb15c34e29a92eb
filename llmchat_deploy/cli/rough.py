"""Go on with an invalid configuration where it isn't needed: what runs can be looked at and stopped all the same."""

from __future__ import annotations

from llmchat_deploy.cli.session import Session
from llmchat_deploy.config.model import Environment
from llmchat_deploy.config.sources import is_environment_name, project_name
from llmchat_deploy.errors import EnvironmentNotFound, InvalidConfig, Problem


def rough_environment(session: Session) -> Environment:
    """Return the environment as far as its files can be used, having warned of what is wrong with them."""
    try:
        return session.environment
    except InvalidConfig as error:
        problems, message = error.problems, error.message
    except EnvironmentNotFound as error:
        if not _is_deployed(session):
            raise
        problems, message = (), error.message
    environment = _load(session)
    session.screen.warn(f"{message} It isn't needed for this; going on with what is there.")
    for problem in problems:
        session.screen.warn(_sentence(problem))
    return environment


def _is_deployed(session: Session) -> bool:
    if not is_environment_name(session.name):
        return False
    project = project_name(session.name)
    return bool(session.engine.containers(project) or session.engine.volumes(project))


def _load(session: Session) -> Environment:
    from llmchat_deploy.config.load import load_roughly

    world = session.world
    environment = load_roughly(session.name, world.sources(), session.options.overrides, new_secret=world.new_secret)
    session.screen.hide(environment.secrets)
    return environment


def _sentence(problem: Problem) -> str:
    return (
        f"{problem.source}: {problem.key} {problem.message}." if problem.key else f"{problem.source} {problem.message}."
    )
