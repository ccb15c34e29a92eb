"""Never make a new SECRET_KEY for what has one: everybody would be logged out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmchat_deploy.apply.records import read_recorded
from llmchat_deploy.config import env_text
from llmchat_deploy.config.sources import is_environment_name, project_name
from llmchat_deploy.config.variables import SECRET_KEY
from llmchat_deploy.errors import SecretsMissing

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmchat_deploy.config.sources import Sources, SourceText
    from llmchat_deploy.host.base import HostReader


def refuse_lost_secrets(name: str, sources: Sources, host: Callable[[str], HostReader]) -> None:
    """Raise SecretsMissing where ``.env.NAME`` has no SECRET_KEY although a release of the environment is recorded.

    ``host`` returns the machine as a project sees it; it is asked only where the key is missing.
    """
    file = sources.env_file(name)
    if not is_environment_name(name) or (file and _may_hold_key(file)):
        return
    recorded = read_recorded(host(project_name(name)))
    if recorded is None:
        return
    what = f"has no {SECRET_KEY}" if file else "is not in this folder"
    raise SecretsMissing(
        f".env.{name} {what}, but environment '{name}' was deployed with one ({recorded.at})."
        " A new key would log everybody out.",
        hint=f"Put the file back: from the project's folder, your own copy or a backup (llmchat-deploy restore)."
        f" To start anew and lose the data: llmchat-deploy down --volumes --env {name}",
    )


def _may_hold_key(file: SourceText) -> bool:
    """Say whether the key is there, or may be: a file that can't be read is the configuration's problem."""
    if file.unreadable:
        return True
    parsed = env_text.parse(file.text)
    if any(bad.name in {"", SECRET_KEY} for bad in parsed.bad_lines):
        return True
    return any(variable.name == SECRET_KEY and variable.value for variable in parsed.variables)
