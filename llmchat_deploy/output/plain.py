"""A console for pipes and files: text as it is, without colours, never wrapped."""

from __future__ import annotations

from typing import TextIO

from rich.text import Text


class PlainConsole:
    """The part of rich's Console that our views use.

    Importing the Console itself is a tenth of a short run, and a pipe has no use for what it can.
    """

    is_terminal = False
    width = 10_000

    def __init__(self, file: TextIO) -> None:
        self.file = file

    def print(self, item: object = "", *, soft_wrap: bool = True) -> None:  # noqa: ARG002 - never wraps anyway
        """Write an item on lines of its own; what is more than text (a tree) is drawn by rich."""
        self.file.write(f"{item if isinstance(item, (str, Text)) else _drawn(item)}\n")


def _drawn(item: object) -> str:
    from io import StringIO  # noqa: PLC0415 - with rich's Console, for plans only

    from rich.console import Console  # noqa: PLC0415

    console = Console(file=StringIO(), width=PlainConsole.width)
    with console.capture() as capture:
        console.print(item, soft_wrap=True)
    return "\n".join(line.rstrip() for line in capture.get().splitlines())
