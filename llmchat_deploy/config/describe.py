"""An environment as rows for people: key, value, source. Secrets are never among the values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmchat_deploy.config.section import Section, without_credentials
from llmchat_deploy.secret import MASK, Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmchat_deploy.config.load import Loaded

NO_SETTINGS = frozenset({"name", "generated"})


@dataclass(frozen=True, slots=True)
class Row:
    """One setting. ``value`` is text; an empty one isn't set (for a secret: ``***`` says that it is)."""

    key: str
    value: str
    source: str


def describe(loaded: Loaded) -> tuple[Row, ...]:
    """Return every setting of an environment in the order of the model."""
    sources = loaded.provenance
    return tuple(
        Row(key, _text(value), str(sources.get(key, "default")))
        for key, value in _flat(_fields(loaded.environment), "")
        if key not in NO_SETTINGS
    )


def _fields(section: Section) -> Iterator[tuple[str, object]]:
    return ((name, getattr(section, name)) for name in type(section).model_fields)


def _flat(values: Iterable[tuple[str, object]], prefix: str) -> Iterator[tuple[str, object]]:
    for key, value in values:
        if isinstance(value, Section):
            yield from _flat(_fields(value), f"{prefix}{key}.")
        elif isinstance(value, dict):
            yield from _flat(value.items(), f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _text(value: object) -> str:
    if isinstance(value, Secret):
        return MASK if value else ""
    if isinstance(value, bool):
        return str(value).lower()
    return without_credentials(value) if isinstance(value, str) and "://" in value else str(value)
