"""An environment as rows for people: key, value, source. Secrets are never among the values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmchat_deploy.config.load import Loaded

GENERATED = "generated"


@dataclass(frozen=True, slots=True)
class Row:
    """One setting. ``value`` is text; an empty one isn't set (for a secret: ``***`` says that it is)."""

    key: str
    value: str
    source: str


def describe(loaded: Loaded) -> tuple[Row, ...]:
    """Return every setting of an environment in the order of the model."""
    values = dict(_flat(loaded.environment.model_dump(), ""))
    sources = loaded.provenance
    return tuple(
        Row(key, _text(value), str(sources.get(key, "default")))
        for key, value in values.items()
        if key not in {"name", GENERATED}
    )


def _flat(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
