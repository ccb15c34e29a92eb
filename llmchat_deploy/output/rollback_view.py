"""What ``rollback`` did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from llmchat_deploy.operations.rollback import RollbackData
    from llmchat_deploy.output.screen import Screen


def show_rollback(screen: Screen, data: RollbackData) -> None:
    """Say what runs now, on which data, and how to go forward again."""
    out = screen.out
    if not data.changed:
        out.print(Text(f"Nothing to do: {data.environment} runs release {data.release}."))
        return
    out.print(
        Text.assemble("\n", ("✓ ", "bold green"), (data.environment, "bold"), f" runs release {data.release} again.")
    )
    if data.snapshot:
        out.print(Text(f"  Its data is that of backup {data.snapshot}."), soft_wrap=True)
    if data.kept_volume:
        out.print(Text(f"  What was there before stays in {data.kept_volume}."), soft_wrap=True)
    for slot in data.draining:
        out.print(Text(f"  {slot} still finishes its open answers; the next command takes it away.", "yellow"))
    for step in data.next_steps:
        screen.advise(step)
