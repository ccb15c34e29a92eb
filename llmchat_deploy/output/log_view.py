"""Log lines, each with the service it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from llmchat_deploy.engine.base import LogLine

if TYPE_CHECKING:
    from llmchat_deploy.output.screen import Screen

_COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "bright_cyan", "bright_magenta")
_WIDTH = len("frontend-a")


@dataclass(frozen=True, slots=True)
class LogData:
    """The lines of ``logs --json``."""

    lines: tuple[LogLine, ...]


def show_lines(screen: Screen, lines: Iterator[LogLine]) -> None:
    """Print lines as they come; a service keeps its colour."""
    colours: dict[str, str] = {}
    width = _WIDTH
    for line in lines:
        colour = colours.setdefault(line.service, _COLOURS[len(colours) % len(_COLOURS)])
        width = max(width, len(line.service))
        prefix = f"{line.service:<{width}} | "
        if not screen.out.is_terminal:
            screen.plain_line(prefix + line.text)
            screen.out.file.flush()  # a pipe would keep it back until there are more: with --follow, for hours
            continue
        # A container may colour its own lines; they are shown as they would be without us in between.
        screen.out.print(Text(prefix, style=colour) + Text.from_ansi(line.text), soft_wrap=True)
