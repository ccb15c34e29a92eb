"""An environment written down again: a profile and an env file that give the same environment elsewhere.

An encrypted backup carries both, so that one file and its key rebuild an installation on an empty machine.
"""

from __future__ import annotations

import json
from typing import Any

from llmchat_deploy.config import strength
from llmchat_deploy.config.chat_model import BUNDLED_MODEL, ChatModel
from llmchat_deploy.config.env_text import with_variables
from llmchat_deploy.config.model import Environment
from llmchat_deploy.config.schema import DEFAULT_MODEL, MADE_BY_THE_TOOL, PRESETS
from llmchat_deploy.config.section import Section
from llmchat_deploy.config.variables import LLM_API_KEY, PRESET_MODELS, variable_of
from llmchat_deploy.secret import Secret

_Path = tuple[str, ...]
_OF_THE_MACHINE: frozenset[_Path] = frozenset({("build", "ca_bundle")})
"""Settings that name a file of the machine, which another one may not have."""
_PROXIES: frozenset[_Path] = frozenset({("build", "http_proxy"), ("build", "https_proxy")})
"""Settings that may hold a password, and then belong into the env file."""


def profile_text(environment: Environment) -> str:
    """Return a profile (TOML) with every setting that is no secret, whatever layer it came from."""
    import tomli_w  # noqa: PLC0415 - most commands render no backup's settings

    table = _table(environment, ())
    if environment.models.bundled:
        table["models"]["default"] = _bundled_label(environment.models.default)
    if environment.project == f"llmchat-{environment.name}":
        del table["project"]
    if _has_placeholders(environment):
        table = {"placeholders_allowed": True, **table}
    return tomli_w.dumps(table)


def secrets_text(environment: Environment) -> Secret:
    """Return the text of an env file with every secret, and the settings that may hold one."""
    values = {variable_of(path): value for path, value in _secrets(environment, ()) if path[:2] != PRESETS}
    if not environment.models.bundled:
        values[LLM_API_KEY] = environment.models.default.key.reveal()  # an empty one says that the server needs none
    if presets := environment.models.presets:
        # Not in LLM_API_KEY_ID: the ids a-b and a.b would share that variable.
        values[PRESET_MODELS] = json.dumps(
            {name: {"key": preset.key.reveal()} for name, preset in presets.items()}, ensure_ascii=False
        )
    return Secret(with_variables("", values))


def _bundled_label(model: ChatModel) -> dict[str, str]:
    """Return what may stand about the default model beside the bundled one, which is no model of one's own."""
    return {} if model.label == BUNDLED_MODEL.label else {"label": model.label}


def _has_placeholders(environment: Environment) -> bool:
    """Whether a secret is one that is refused outside development."""
    keys = (environment.models.default.key, *(preset.key for preset in environment.models.presets.values()))
    signing = tuple(key for key in (environment.secret_key, environment.previous_secret_key) if key)
    return any(map(strength.is_placeholder, (*signing, *keys))) or any(map(strength.check_guessable, signing))


def _table(section: Section, prefix: _Path) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for name in type(section).model_fields:
        path, value = (*prefix, name), getattr(section, name)
        if path in MADE_BY_THE_TOOL or path in _OF_THE_MACHINE or _is_secret(path, value):
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
        if path in MADE_BY_THE_TOOL:
            continue
        if isinstance(value, Section):
            found += _secrets(value, path)
        elif isinstance(value, dict):
            for key, each in value.items():
                found += _secrets(each, (*path, key))
        elif _is_secret(path, value) and value and path[:-1] != DEFAULT_MODEL:
            found.append((path, value.reveal() if isinstance(value, Secret) else value))
    return found


def _is_secret(path: _Path, value: object) -> bool:
    """Whether a setting belongs into the env file: a secret, or a proxy, which may hold a password."""
    return isinstance(value, Secret) or path in _PROXIES
