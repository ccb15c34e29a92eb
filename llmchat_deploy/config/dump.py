"""An environment written down again: a profile and an env file that give the same environment elsewhere.

An encrypted backup carries both, so that one file and its key rebuild an installation on an empty machine.
"""

from __future__ import annotations

from typing import Any

import tomli_w

from llmchat_deploy.config.env_text import with_variables
from llmchat_deploy.config.model import Environment, Section
from llmchat_deploy.config.schema import MADE_BY_THE_TOOL
from llmchat_deploy.config.variables import variable_of
from llmchat_deploy.secret import Secret

_Path = tuple[str, ...]
_OF_THE_MACHINE: frozenset[_Path] = frozenset({("build", "ca_bundle")})
"""Settings that name a file of the machine, which another one may not have."""


def profile_text(environment: Environment) -> str:
    """Return a profile (TOML) with every setting that is no secret, whatever layer it came from."""
    return tomli_w.dumps(_table(environment, ()))


def secrets_text(environment: Environment) -> Secret:
    """Return the text of an env file with every secret, and the settings that may hold one."""
    return Secret(with_variables("", {variable_of(path): value for path, value in _secrets(environment, ())}))


def _table(section: Section, prefix: _Path) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for name in type(section).model_fields:
        path, value = (*prefix, name), getattr(section, name)
        if path in MADE_BY_THE_TOOL or path == ("project",) or path in _OF_THE_MACHINE or _is_secret(path, value):
            continue
        table[name] = _value(value, path)
    return table


def _value(value: object, path: _Path) -> object:
    if isinstance(value, Section):
        return _table(value, path)
    if isinstance(value, dict):
        return {key: _value(each, (*path, key)) for key, each in value.items()}
    return value


def _secrets(section: Section, prefix: _Path) -> list[tuple[_Path, str]]:
    found = []
    for name in type(section).model_fields:
        path, value = (*prefix, name), getattr(section, name)
        if isinstance(value, Section):
            found += _secrets(value, path)
        elif isinstance(value, dict):
            for key, each in value.items():
                found += _secrets(each, (*path, key))
        elif _is_secret(path, value) and value:
            found.append((path, value.reveal() if isinstance(value, Secret) else value))
    return found


def _is_secret(path: _Path, value: object) -> bool:
    """Whether a setting belongs into the env file: a secret, or a proxy, which may hold a password."""
    return isinstance(value, Secret) or path in {("build", "http_proxy"), ("build", "https_proxy")}
