"""TOML with line numbers.

``tomllib`` gives values without their places. The lines of keys are found by reading the text a second time, line by
line; a line that a key's own table header or inline table hides falls back to the line of what holds it.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llmchat_deploy.config.provenance import Provenance
from llmchat_deploy.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmchat_deploy.config.sources import SourceText

_KEY = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_DOTTED = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_HEADER = re.compile(rf"[ \t]*\[[ \t]*({_DOTTED})[ \t]*\]")
_ASSIGNMENT = re.compile(rf"[ \t]*({_DOTTED})[ \t]*=")
_MULTILINE = re.compile(r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'', re.DOTALL)
_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)| \(at end of document\)")

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value that is no table, or an empty table, with its path and its line (0: not found)."""

    path: Path
    value: Any
    line: int


def parse(source: SourceText) -> tuple[tuple[Leaf, ...], Problem | None]:
    """Return the leaves of a TOML text; none and the problem where it can't be read."""
    try:
        found = tuple(_leaves(tomllib.loads(source.text), ()))
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        reason = _PLACE.sub("", str(error))
        line = int(place[1]) if place and place[1] else source.text.count("\n") + 1
        where = f", column {place[2]}" if place and place[2] else ""
        message = f"is not valid TOML{where}: {reason[:1].lower()}{reason[1:]}"
        hint = "Texts stand in quotes, keys and values are joined by '=', sections stand in [brackets]."
        return (), Problem(str(Provenance(source.path, line)), "", message, hint)
    except (ValueError, RecursionError):  # a number of thousands of digits, a table thousands deep
        return (), Problem(source.path, "", "is not TOML that can be read", "Numbers or tables in it have no end.")
    lines = Lines(source.text)
    return tuple(Leaf(path, value, lines.of(path)) for path, value in found), None


def _leaves(table: Mapping[str, Any], prefix: Path) -> Iterator[tuple[Path, Any]]:
    for key, value in table.items():
        path = (*prefix, key)
        if isinstance(value, dict) and value:
            yield from _leaves(value, path)
        else:
            yield path, value


class Lines:
    """The lines of the keys of one TOML text, counted from 1."""

    def __init__(self, text: str) -> None:
        self._lines = dict(_scan(_MULTILINE.sub(lambda match: "\n" * match[0].count("\n"), text)))

    def of(self, path: Path) -> int:
        """Return the line of a key, or of the nearest thing around it; 0 where neither is found."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 0)


def _scan(text: str) -> Iterator[tuple[Path, int]]:
    section: Path = ()
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.match(line):
            section = _split(header[1])
            yield section, number
        elif assignment := _ASSIGNMENT.match(line):
            yield (*section, *_split(assignment[1])), number


def _split(key: str) -> Path:
    return tuple(part.strip("\"'") for part in re.findall(_KEY, key))
