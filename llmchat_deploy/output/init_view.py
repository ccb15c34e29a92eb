"""What ``init`` wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from llmchat_deploy.operations.init import InitData
    from llmchat_deploy.output.screen import Screen


def show_init(screen: Screen, data: InitData) -> None:
    """Name the files, the generated secrets (never their values) and what comes next."""
    out = screen.out
    for file in data.files:
        out.print(Text.assemble(("+ ", "green"), file))
    if not data.files:
        out.print(Text(f"Nothing to do: {data.environment} has its files."))
    for name in data.generated:
        out.print(Text(f"  {name} was generated; it stays in the file.", style="dim"))
    screen.next_steps(data.next_steps)
