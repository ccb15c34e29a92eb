"""Which settings exist: read off the model, so that a new field is known everywhere at once.

A setting's path is a tuple such as ``("server", "web_port")``. Presets and remotes are tables of sections that have
names of the user's own: ``*`` holds their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, get_args, get_origin

from llmchat_deploy.config.chat_model import PresetModel
from llmchat_deploy.config.model import Environment, Remote
from llmchat_deploy.config.section import Section
from llmchat_deploy.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

Path = tuple[str, ...]

ANY = "*"
DEFAULT_MODEL: Path = ("models", "default")
PRESETS: Path = ("models", "presets")
REMOTES: Path = ("backup", "remotes")
NAMED: dict[Path, type[Section]] = {PRESETS: PresetModel, REMOTES: Remote}
"""The tables whose sections have names of the user's own, and what each of those sections is."""
MADE_BY_THE_TOOL = {
    ("name",),
    ("generated",),
    *(("tls", name) for name in ("chain", "private_key", "ca_text", "hook_text")),
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about a setting: its kind and what it may hold."""

    kind: Literal["text", "number", "switch", "secret"]
    default: object = None
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None


POLICY: dict[Path, Known] = {
    ("generate_secrets",): Known("switch", default=False),
    ("placeholders_allowed",): Known("switch", default=False),
}
"""Settings about the configuration itself; they belong in a profile and are not part of an Environment."""


@cache
def known_settings() -> dict[Path, Known]:
    """Return every setting of an environment and of its policy."""
    return dict(_walk(Environment, ())) | POLICY


def lookup(path: Path) -> Known | None:
    """Return what is known about a setting, None where there is no such setting."""
    return known_settings().get(_pattern(path))


def is_section(path: Path) -> bool:
    """Whether ``path`` names a table of settings, such as ``server`` or ``models.presets.glm``."""
    pattern = _pattern(path)
    return any(len(known) > len(pattern) and known[: len(pattern)] == pattern for known in known_settings())


def dotted(path: Path) -> str:
    """Return a path the way ``--set`` and messages write it."""
    return ".".join(path)


def parse_dotted(key: str) -> Path:
    """Return the path of a key; a preset's id may hold dots itself (``models.presets.gpt-4.1.url``)."""
    parts = tuple(key.split("."))
    table = table_of(parts)
    if table and len(parts) > len(table) + 2:
        return (*table, ".".join(parts[len(table) : -1]), parts[-1])
    return parts


def table_of(path: Path) -> Path:
    """Return the table of named sections that ``path`` lies in, empty where it lies in none."""
    return next((table for table in NAMED if path[: len(table)] == table and len(path) > len(table)), ())


def _pattern(path: Path) -> Path:
    table = table_of(path)
    return (*table, ANY, *path[len(table) + 1 :]) if table else path


def _bound(field: FieldInfo, name: str) -> int | None:
    return next((getattr(rule, name) for rule in field.metadata if hasattr(rule, name)), None)


def _walk(section: type[Section], prefix: Path) -> Iterator[tuple[Path, Known]]:
    for name, field in section.model_fields.items():
        path = (*prefix, name)
        kind = field.annotation
        if path in MADE_BY_THE_TOOL:
            continue
        if path in NAMED:
            yield from _walk(NAMED[path], (*path, ANY))
        elif isinstance(kind, type) and issubclass(kind, Section):
            yield from _walk(kind, path)
        elif get_origin(kind) is Literal:
            default = "" if field.is_required() else field.default
            yield path, Known("text", default, choices=get_args(kind))
        elif kind is int:
            yield path, Known("number", field.default, least=_bound(field, "ge"), most=_bound(field, "le"))
        elif kind is bool:
            yield path, Known("switch", field.default)
        elif kind is Secret:
            yield path, Known("secret", Secret(""))
        else:
            default = "" if field.is_required() else field.default
            yield path, Known("text", default)
