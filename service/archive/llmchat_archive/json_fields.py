"""Take fields of JSON objects that nobody vouches for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from llmchat_archive.errors import ArchiveError


class Fields:
    """The fields of a JSON object, each with the type it must have.

    Raises ArchiveError ``damaged`` for what isn't there or of another type, ``format_unknown`` for a later format.
    """

    def __init__(self, data: object, what: str, known_format: int | None = None) -> None:
        self._what = what
        if not isinstance(data, dict):
            raise ArchiveError(f"{what.capitalize()} isn't a JSON object.", code="damaged")
        self._data: Mapping[str, Any] = data
        if known_format is None:
            return
        if (found := self.number("format")) == 0:
            raise self._wrong("format")
        if found > known_format:
            raise ArchiveError(
                f"The backup has the format {found}; this release knows {known_format}.",
                code="format_unknown",
                hint="Update llmchat-deploy: a newer release made this backup.",
            )

    def text(self, name: str) -> str:
        """Return a text."""
        return str(self._typed(name, str))

    def plain(self, name: str) -> str:
        """Return a text that a terminal can show: without control characters."""
        if not (text := self.text(name)).isprintable():
            raise self._wrong(name)
        return text

    def text_or_none(self, name: str) -> str | None:
        """Return a text, None where it is absent or null."""
        return None if self._data.get(name) is None else self.text(name)

    def moment(self, name: str) -> str:
        """Return a text that is a time with its zone (ISO 8601)."""
        text = self.text(name)
        try:
            if datetime.fromisoformat(text).tzinfo is not None:
                return text
        except ValueError:
            pass
        raise self._wrong(name)

    def moment_or_none(self, name: str) -> str | None:
        """Return a text that is a time with its zone, None where it is absent or null."""
        return None if self._data.get(name) is None else self.moment(name)

    def number(self, name: str) -> int:
        """Return a whole number that isn't negative."""
        value = self._typed(name, int)
        if isinstance(value, bool) or value < 0:
            raise self._wrong(name)
        return int(value)

    def integer(self, name: str) -> int:
        """Return a whole number of either sign."""
        value = self._typed(name, int)
        if isinstance(value, bool):
            raise self._wrong(name)
        return int(value)

    def real_or_none(self, name: str) -> float | None:
        """Return a number, None where it is absent or null."""
        value = self._data.get(name)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self._wrong(name)
        return float(value)

    def flag(self, name: str) -> bool:
        """Return a truth value."""
        return bool(self._typed(name, bool))

    def mapping(self, name: str) -> dict[str, Any]:
        """Return an object."""
        return dict(self._typed(name, dict))

    def mapping_or_none(self, name: str) -> dict[str, Any] | None:
        """Return an object, None where it is absent or null."""
        return None if self._data.get(name) is None else self.mapping(name)

    def texts(self, name: str) -> dict[str, str]:
        """Return an object of texts."""
        return self._all(name, self.mapping(name), str)

    def numbers(self, name: str) -> dict[str, int]:
        """Return an object of whole numbers."""
        return self._all(name, self.mapping(name), int)

    def list(self, name: str) -> list[Any]:
        """Return a list."""
        return list(self._typed(name, list))

    def text_list(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        values = self.list(name)
        if not all(isinstance(value, str) for value in values):
            raise self._wrong(name)
        return tuple(values)

    def _all(self, name: str, values: dict[str, Any], kind: type) -> dict[str, Any]:
        if not all(isinstance(value, kind) for value in values.values()):
            raise self._wrong(name)
        return values

    def _typed(self, name: str, kind: type) -> Any:
        value = self._data.get(name)
        if not isinstance(value, kind):
            raise self._wrong(name)
        return value

    def _wrong(self, name: str) -> ArchiveError:
        return ArchiveError(f"'{name}' of {self._what} isn't what it must be.", code="damaged")
