"""Tables as Compose and gh print them: aligned columns under a heading, no frames, nothing cut off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

if TYPE_CHECKING:
    from llmchat_deploy.output.screen import AnyConsole

Cell = str | Text
GAP = "   "


def print_table(console: AnyConsole, heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Print rows under their heads; a pipe gets the same columns without colours."""
    table = [[Text(head, style="dim") for head in heads]] + [[_text(cell) for cell in row] for row in rows]
    widths = [max(cell_len(row[column].plain) for row in table) for column in range(len(heads))]
    for row in table:
        line = Text()
        for column, cell in enumerate(row):
            line.append_text(cell)
            if column < len(row) - 1:
                line.append(" " * (widths[column] - cell_len(cell.plain)) + GAP)
        line.rstrip()
        console.print(line, soft_wrap=True)


def _text(cell: Cell) -> Text:
    return cell if isinstance(cell, Text) else Text(cell)
