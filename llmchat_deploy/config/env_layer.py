"""An env file (the guide's variables) as a layer of settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from llmchat_deploy.config import env_text, values
from llmchat_deploy.config.draft import Layer, LayerBuilder, Setting
from llmchat_deploy.config.near import nearest
from llmchat_deploy.config.profile_layer import refuse_preset_id, unreadable_layer
from llmchat_deploy.config.provenance import Provenance
from llmchat_deploy.config.schema import PRESETS, REMOTES, Path, lookup
from llmchat_deploy.config.variables import (
    PRESET_FIELDS,
    PRESET_KEY_PREFIX,
    PRESET_MODELS,
    REMOTE_PREFIX,
    REMOTE_SECRETS,
    VARIABLES,
    preset_key_variable,
    remote_variable,
)
from llmchat_deploy.config.wrong import Wrong
from llmchat_deploy.errors import Problem
from llmchat_deploy.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from llmchat_deploy.config.sources import SourceText

READABLE_BY_OTHERS = 0o077
PRESET_EXAMPLE = (
    '{"glm": {"name": "GLM-4", "url": "http://127.0.0.1:11553/v1/chat/completions", "model": "glm4_32B_chat", '
    '"key": "..."}}'
)
"""One of the guide's own."""


def env_layer(source: SourceText, presets: tuple[str, ...] = (), remotes: tuple[str, ...] = ()) -> Layer:
    """Return the settings of an env file; ``presets`` and ``remotes`` are the names that a profile gives to some."""
    if source.unreadable:
        return unreadable_layer(source)
    layer = LayerBuilder()
    if source.mode is not None and source.mode & READABLE_BY_OTHERS:
        layer.warnings.append(
            f"{source.path} holds secrets and others can read it (mode {source.mode:o}): chmod 600 {source.path}"
        )
    parsed = env_text.parse(source.text)
    for bad in parsed.bad_lines:
        hint = "Write NAME=value; is a quote left open, or does text follow a closing quote?"
        layer.problems.append(Problem(f"{source.path}:{bad.line}", bad.name, bad.reason, hint))
        layer.broken |= _paths_of(bad.name)
    variables: dict[str, env_text.Variable] = {}
    for variable in parsed.variables:
        if first := variables.get(variable.name):
            layer.warnings.append(
                f"{source.path}:{variable.line}: {variable.name} was set in line {first.line} already; "
                "the last one counts"
            )
        variables[variable.name] = variable
    if models := variables.pop(PRESET_MODELS, None):
        _add_presets(layer, models.value, Provenance(source.path, models.line))
    named = (setting.path[2] for setting in layer.settings if setting.path[:2] == PRESETS)
    keys = _keys_of(dict.fromkeys((*presets, *named)), layer, variables, source.path)
    keys |= {remote_variable(name, field): (*REMOTES, name, field) for name in remotes for field in REMOTE_SECRETS}
    for name, variable in variables.items():
        origin = Provenance(source.path, variable.line)
        path = VARIABLES.get(name) or keys.get(name)
        if path is None:
            layer.problems.append(Problem(str(origin), name, *_unknown(name, keys)))
        else:
            _add(layer, path, variable.value, origin, name)
    return layer.build()


def _keys_of(
    presets: Iterable[str], layer: LayerBuilder, variables: Mapping[str, env_text.Variable], file: str
) -> dict[str, Path]:
    """Return which variable holds the key of which preset; a used one that would be of two is a problem."""
    keys: dict[str, Path] = {}
    for preset in presets:
        variable = preset_key_variable(preset)
        if variable in keys and variable in variables:
            message = f"is the key of two preset models, {keys[variable][2]} and {preset}"
            hint = "Give one of them another id, or write the keys into PRESET_MODELS."
            layer.problems.append(Problem(f"{file}:{variables[variable].line}", variable, message, hint))
        keys[variable] = (*PRESETS, preset, "key")
    return keys


def _add(layer: LayerBuilder, path: Path, text: str, origin: Provenance, written: str) -> None:
    known = lookup(path)
    if known is None:  # pragma: no cover - every variable's path is known; a test holds that
        raise KeyError(path)
    value = values.from_text(known, text)
    if isinstance(value, Wrong):
        layer.problems.append(Problem(str(origin), written, value.message, value.hint))
        layer.broken.add(path)
    else:
        value = Secret(text) if known.kind == "secret" else value
        layer.settings.append(Setting(path, value, origin, written))


def _add_presets(layer: LayerBuilder, text: str, origin: Provenance) -> None:
    if not text.strip():
        return
    try:
        presets = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"is not valid JSON, line {error.lineno}, column {error.colno}: {error.msg.lower()}"
    except (ValueError, RecursionError):
        message = "is not JSON that can be read"
    else:
        message = "" if isinstance(presets, dict) else "is no JSON object"
    if message:
        hint = f"Write an object in single quotes, such as '{PRESET_EXAMPLE}'"
        layer.problems.append(Problem(str(origin), PRESET_MODELS, message, hint))
        return
    for preset, fields in presets.items():
        _add_preset(layer, preset, fields, origin)


def _add_preset(layer: LayerBuilder, preset: str, fields: Any, origin: Provenance) -> None:
    written = f"{PRESET_MODELS}.{preset}"
    if wrong := refuse_preset_id(preset):
        layer.problems.append(Problem(str(origin), written, wrong.message, wrong.hint))
    elif not isinstance(fields, dict):
        hint = f"Write an object with {', '.join(PRESET_FIELDS)}."
        layer.problems.append(Problem(str(origin), written, "is no JSON object", hint))
    else:
        for name, given in fields.items():
            value = str(given).lower() if isinstance(given, bool) else given
            path = (*PRESETS, preset, PRESET_FIELDS.get(name, ""))
            if name not in PRESET_FIELDS:
                near = nearest(name, PRESET_FIELDS)
                hint = f"Did you mean '{near}'?" if near else f"A preset has {', '.join(PRESET_FIELDS)}."
                layer.problems.append(Problem(str(origin), f"{written}.{name}", "is not a known field", hint))
            elif not isinstance(value, str):
                layer.problems.append(Problem(str(origin), f"{written}.{name}", "is no text", "Put it in quotes."))
                layer.broken.add(path)
            else:
                _add(layer, path, value, origin, f"{written}.{name}")


def _unknown(name: str, keys: dict[str, Path]) -> tuple[str, str]:
    known = {*VARIABLES, PRESET_MODELS, *keys}
    near = nearest(name, known)
    if name.startswith(PRESET_KEY_PREFIX) and not near.startswith(PRESET_KEY_PREFIX):
        return (
            "is the key of a preset model that doesn't exist",
            "Name the model in PRESET_MODELS or in the profile.",
        )
    if name.startswith(REMOTE_PREFIX) and not near.startswith(REMOTE_PREFIX):
        return "is a secret of a remote that doesn't exist", "Name it in the profile: [backup.remotes.NAME]"
    hint = f"Did you mean {near}?" if near else f"Known are {', '.join(sorted(known))}."
    return "is not a known variable", hint


def _paths_of(name: str) -> set[Path]:
    return {VARIABLES[name]} if name in VARIABLES else set()
