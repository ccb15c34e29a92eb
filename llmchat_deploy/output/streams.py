"""A text stream that lets no secret through."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import IO, TextIO

from llmchat_deploy.output.masking import masked
from llmchat_deploy.secret import Secret

MARKS = str.maketrans(
    {"✓": "+", "✗": "x", "→": "->", "…": "...", "·": "-", "≥": ">=", "│": "|", "├": "+", "└": "+", "─": "-"}
)
"""What stands for the marks that we draw ourselves where an encoding lacks them."""


def writable(text: str, encoding: str) -> str:
    """Return ``text`` with nothing in it that ``encoding`` can't write: our marks in ASCII, the rest as ``?``."""
    return "".join(_writable(char, encoding) for char in text)


def _writable(char: str, encoding: str) -> str:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return char.translate(MARKS).encode(encoding, "replace").decode(encoding)
    return char


class MaskedStream(io.TextIOBase, TextIO):
    """Write to ``target`` with every known secret's value replaced: the last line of defence, not the first."""

    def __init__(self, target: TextIO, secrets: Callable[[], tuple[Secret, ...]]) -> None:
        self._target = target
        self._secrets = secrets

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Return the encoding of the stream behind."""
        return self._target.encoding or "utf-8"

    def write(self, text: str, /) -> int:
        """Write ``text``, masked, and without the characters that the stream's encoding lacks."""
        safe = masked(text, self._secrets())
        try:
            self._target.write(safe)
        except UnicodeEncodeError:
            self._target.write(writable(safe, self.encoding))
        return len(text)

    def flush(self) -> None:
        """Pass everything on."""
        if not self._target.closed:  # asked once more when it is collected
            self._target.flush()

    def isatty(self) -> bool:
        """Whether a person looks at the stream behind."""
        return self._target.isatty()

    def fileno(self) -> int:
        """Return the descriptor of the stream behind."""
        return self._target.fileno()


def give_up(stream: IO[str]) -> None:
    """Let what ``stream`` still holds, and all that comes, go nowhere: nobody reads it, or a disk has no room for it.

    Otherwise the interpreter would try once more at its end, and say so by an exit code of its own.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())
    except (OSError, ValueError):  # one in memory has no descriptor
        pass
    finally:
        os.close(nowhere)
