"""Which environment is meant where none was named."""

from __future__ import annotations

from llmchat_deploy.cli.session import Session
from llmchat_deploy.errors import ConfigError, DeployError, ExitCode


class EnvironmentNotChosen(DeployError):
    """Several environments could be meant, and nobody said which."""

    code = "environment_not_chosen"
    exit_code = ExitCode.USAGE


def choose_environment(session: Session) -> str:
    """Return the only environment in use, else ask; raises EnvironmentNotChosen where nobody answers."""
    from llmchat_deploy.config.load import default_name

    sources = session.world.sources()
    try:
        return default_name(sources)
    except ConfigError as error:
        profiles = sources.profiles()
        if not session.interactive or not profiles:
            raise EnvironmentNotChosen(error.message, hint=error.hint) from None
        try:
            return _ask(session, profiles)
        except EOFError:
            raise EnvironmentNotChosen(error.message, hint=error.hint) from None


def _ask(session: Session, names: tuple[str, ...]) -> str:
    while True:
        answer = session.world.ask(f"Which environment ({', '.join(names)})? ").strip()
        if answer in names:
            return answer
