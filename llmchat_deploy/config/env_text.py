"""Read and write the text of an env file, byte for byte.

Nothing is interpolated: ``$`` is a character like any other. (Compose turns ``P@$$w0rd`` into ``P@$w0rd`` and
``a$battery`` into ``a``, the second without a word.)
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dotenv.parser import Binding

_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,-]+")
_LINE_END = re.compile(r"\r\n|\n|\r")
_NAME = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=")


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable and the line it starts on, counted from 1."""

    name: str
    value: str
    line: int

    def __repr__(self) -> str:
        """Leave the value out: it may be a secret."""
        return f"Variable({self.name!r}, line {self.line})"


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no variable; ``name`` is the variable it seems to be about, if any."""

    line: int
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class EnvText:
    """What an env file says: its variables in order, and the lines that say nothing."""

    variables: tuple[Variable, ...]
    bad_lines: tuple[BadLine, ...]


def parse(text: str) -> EnvText:
    """Return the variables of ``text``; a line that can't be read is reported, not skipped."""
    variables: list[Variable] = []
    bad_lines: list[BadLine] = []
    for binding in bindings(text.removeprefix("\ufeff")):
        original = binding.original.string
        line = binding.original.line + len(_LINE_END.findall(_leading_blank(original)))
        if binding.error:
            bad_lines.append(BadLine(line, _name_in(original), "can't be read as NAME=value"))
        elif binding.key is None:
            continue  # a comment, or the blank end
        elif binding.value is None:
            bad_lines.append(BadLine(line, "", "has no '='"))
        else:
            variables.append(Variable(binding.key, binding.value, line))
    return EnvText(tuple(variables), tuple(bad_lines))


def quote(value: str) -> str:
    """Return ``value`` as it is written after ``NAME=`` so that reading gives the same text again.

    Without ``'`` and a backslash in it the result means the same to a shell and to Compose too.
    """
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", r"\\").replace("'", r"\'")
    return f"'{escaped}'"


def with_variables(text: str, values: Mapping[str, str]) -> str:
    """Return ``text`` with the variables set: in their own place where they are there, else at the end."""
    missing = dict(values)
    pieces: list[str] = []
    for binding in bindings(text):
        original = binding.original.string
        name = binding.key or ""
        if name in values:
            missing.pop(name, None)
            original = f"{_leading_blank(original)}{name}={quote(values[name])}\n"
        pieces.append(original)
    if missing and pieces and not pieces[-1].endswith(("\n", "\r")):
        pieces.append("\n")
    pieces += (f"{name}={quote(value)}\n" for name, value in missing.items())
    return "".join(pieces)


def bindings(text: str) -> Iterator[Binding]:
    """Return the pieces of an env file, each with its original text: together they are the file."""
    # Imported here because it costs 20 ms (it brings logging and tempfile) that an environment without env file saves.
    from dotenv.parser import parse_stream  # noqa: PLC0415

    return parse_stream(io.StringIO(text))


def _leading_blank(text: str) -> str:
    return text[: len(text) - len(text.lstrip())]


def _name_in(line: str) -> str:
    match = _NAME.match(line)
    return match[1] if match else ""
