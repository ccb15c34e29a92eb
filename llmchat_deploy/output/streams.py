"""A text stream that lets no secret through."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TextIO

from llmchat_deploy.output.masking import masked
from llmchat_deploy.secret import Secret


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
        """Write ``text``, masked; characters the stream's encoding lacks become question marks."""
        safe = masked(text, self._secrets())
        try:
            self._target.write(safe)
        except UnicodeEncodeError:
            self._target.write(safe.encode(self.encoding, "replace").decode(self.encoding))
        return len(text)

    def flush(self) -> None:
        """Pass everything on."""
        self._target.flush()

    def isatty(self) -> bool:
        """Whether a person looks at the stream behind."""
        return self._target.isatty()

    def fileno(self) -> int:
        """Return the descriptor of the stream behind."""
        return self._target.fileno()
