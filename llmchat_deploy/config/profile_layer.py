"""A profile (TOML) and the ``--set`` options as layers of settings. Neither may hold a secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmchat_deploy.config import toml_text, values
from llmchat_deploy.config.draft import Layer, LayerBuilder, Setting
from llmchat_deploy.config.near import nearest_key, nearest_section
from llmchat_deploy.config.provenance import OPTION, Provenance
from llmchat_deploy.config.schema import (
    POLICY,
    PRESETS,
    REMOTES,
    Path,
    dotted,
    is_section,
    lookup,
    parse_dotted,
    table_of,
)
from llmchat_deploy.config.variables import (
    LLM_API_KEY,
    PRESET_KEY_PREFIX,
    PRESET_MODELS,
    SECRET_KEY,
    SECRET_KEY_PREVIOUS,
    VARIABLES,
    variable_of,
)
from llmchat_deploy.config.wrong import Wrong
from llmchat_deploy.errors import Problem

if TYPE_CHECKING:
    from llmchat_deploy.config.sources import SourceText

PRESET_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
RESERVED_PRESET = "default"
REMOTE_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")


def profile_layer(source: SourceText, environment: str) -> Layer:
    """Return the settings of a TOML text and everything that is wrong with it."""
    if source.unreadable:
        return unreadable_layer(source)
    leaves, unparsable = toml_text.parse(source)
    if unparsable:
        return Layer(problems=(unparsable,), unusable=True)
    layer = LayerBuilder()
    for leaf in leaves:
        origin = Provenance(source.path, leaf.line)
        _add(layer, leaf.path, leaf.value, origin, environment)
    return layer.build()


def option_layer(options: tuple[str, ...], environment: str) -> Layer:
    """Return the settings of ``--set key=value`` options; the command line has refused what isn't of that form."""
    layer = LayerBuilder()
    for option in options:
        key, _, text = option.partition("=")
        path = parse_dotted(key.strip())
        if path in POLICY:
            hint = f"Write it in environments/{environment}.toml."
            layer.problems.append(Problem("--set", key, "can only be set in a profile", hint))
        else:
            known = lookup(path)
            value = values.from_text(known, text) if known and known.kind != "secret" else text
            _add(layer, path, value, OPTION, environment)
    return layer.build()


def unreadable_layer(source: SourceText) -> Layer:
    """Return that nothing of a source can be read, and what to look at."""
    look = f"Is it a file, and may you read it? ls -ld {source.path.removeprefix('built-in ')}"
    hint = "Save it as UTF-8, as editors and iconv do." if "UTF-8" in source.unreadable else look
    return Layer(problems=(Problem(source.path, "", f"can't be read: {source.unreadable}", hint),), unusable=True)


def refuse_preset_id(preset: str) -> Wrong | None:
    """Say what is wrong with a preset model's id."""
    if preset == RESERVED_PRESET:
        return Wrong("is the id of the default model", "Give the preset another id.")
    if PRESET_ID.fullmatch(preset):
        return None
    return Wrong("is no id", "Use letters, digits, '.', '_' and '-', starting with a letter or digit.")


def _refuse_remote_name(name: str) -> Wrong | None:
    """Say what is wrong with a remote's name: each is a part of variables' names, no two of the same one."""
    if REMOTE_NAME.fullmatch(name):
        return None
    return Wrong("is no name", "Use small letters, digits and '-', starting with a letter, at most 31 characters.")


_REFUSE_NAME = {PRESETS: refuse_preset_id, REMOTES: _refuse_remote_name}


def _add(layer: LayerBuilder, path: Path, value: object, origin: Provenance, environment: str) -> None:
    known = lookup(path)
    written = dotted(path)
    if _is_secret(path):
        variable = variable_of(path) or path[-1].upper()
        hint = f"Move it to .env.{environment} as {variable}=... and treat the old value as known to others."
        layer.problems.append(Problem(str(origin), written, "is a secret and doesn't belong here", hint))
        return
    if is_section(path):
        if not isinstance(value, dict):
            message, hint = "is a section and no value", f"Write [{written}] and its settings below it."
            layer.problems.append(Problem(str(origin), written, message, hint))
        return  # an empty section says nothing
    if known is None:
        layer.problems.append(Problem(str(origin), written, *_unknown(path)))
        return
    table = table_of(path)
    if table and (wrong_name := _REFUSE_NAME[table](path[len(table)])):
        layer.problems.append(Problem(str(origin), dotted(path[:-1]), wrong_name.message, wrong_name.hint))
        return
    checked = value if isinstance(value, Wrong) or origin is OPTION else values.from_toml(known, value)
    if isinstance(checked, Wrong):
        layer.problems.append(Problem(str(origin), written, checked.message, checked.hint))
        layer.broken.add(path)
    else:
        layer.settings.append(Setting(path, checked, origin, written))


_SECRETS = {SECRET_KEY, SECRET_KEY_PREVIOUS, LLM_API_KEY}


def _is_secret(path: Path) -> bool:
    known = lookup(path)
    word = path[-1].upper()
    return (known is not None and known.kind == "secret") or (
        word.startswith(PRESET_KEY_PREFIX) or variable_of(VARIABLES.get(word, ())) in _SECRETS
    )


def _unknown(path: Path) -> tuple[str, str]:
    variable = path[-1].upper()
    if variable in VARIABLES:
        return "is the name of an env file's variable", f"Here it is called {dotted(VARIABLES[variable])}."
    if variable == PRESET_MODELS:
        return "is the name of an env file's variable", "Here presets are sections: [models.presets.ID]."
    hint = "llmchat-deploy config show lists the known ones."
    if near := nearest_key(path):
        hint = f"Did you mean '{near}'?"
    elif (section := nearest_section(path)) and section != dotted(path[:-1]):
        hint = f"Did you mean the section [{section}]? llmchat-deploy config show lists its settings."
    return "is not a known setting", hint
