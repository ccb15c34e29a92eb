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
    """Print rows under their heads; a pipe gets the same columns without colours.

    Where a terminal is too narrow, each row stands by itself, its first cell above what its heads say of it.
    """
    table = [[Text(head, style="dim") for head in heads]] + [[_text(cell) for cell in row] for row in rows]
    widths = [max(cell_len(row[column].plain) for row in table) for column in range(len(heads))]
    lines = [_line(row, widths) for row in table]
    if console.is_terminal and max(line.cell_len for line in lines) > console.width:
        lines = [line for row in table[1:] for line in _stacked(table[0], row, console.width)]
    for line in lines:
        console.print(line, soft_wrap=True)


def _line(row: Sequence[Text], widths: Sequence[int]) -> Text:
    line = Text()
    for column, cell in enumerate(row):
        line.append_text(cell)
        if column < len(row) - 1:
            line.append(" " * (widths[column] - cell_len(cell.plain)) + GAP)
    line.rstrip()
    return line


def _stacked(heads: Sequence[Text], row: Sequence[Text], width: int) -> list[Text]:
    lines = [row[0]]
    for head, cell in zip(heads[1:], row[1:], strict=True):
        if not cell.plain:
            continue
        pair = Text.assemble(head, " ", cell) if head.plain else cell
        if len(lines) > 1 and lines[-1].cell_len + len(GAP) + pair.cell_len <= width:
            lines[-1] = Text.assemble(lines[-1], GAP, pair)
        else:
            lines.append(Text.assemble("  ", pair))
    return lines


def _text(cell: Cell) -> Text:
    return cell if isinstance(cell, Text) else Text(cell)
