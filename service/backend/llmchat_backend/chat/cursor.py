"""How much of an answer a reader has: the id of an event, and where to go on after a broken connection."""

from __future__ import annotations

import re
from typing import NamedTuple, Self

from llmchat_backend.errors import RefusedError

_WRITTEN = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")


class Cursor(NamedTuple):
    """Characters (code points) of the reasoning and of the text. It holds in every slot, and after the end too."""

    reasoning: int = 0
    content: int = 0

    @classmethod
    def read(cls, written: str) -> Self:
        """Read what `str` wrote; raise RefusedError `bad_cursor`."""
        found = _WRITTEN.fullmatch(written)
        if found is None:
            raise RefusedError("bad_cursor", "`after` must be the id of an event.")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        """Write it as the id of an event."""
        return f"{self.reasoning}-{self.content}"

    def moved(self, *, reasoning: int = 0, content: int = 0) -> Cursor:
        """Return the cursor of a reader who has got so many characters more."""
        return Cursor(self.reasoning + reasoning, self.content + content)
