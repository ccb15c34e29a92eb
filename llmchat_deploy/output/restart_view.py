"""What ``restart`` did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from llmchat_deploy.operations.restart import RestartData
    from llmchat_deploy.output.screen import Screen


def show_restart(screen: Screen, data: RestartData) -> None:
    """Name what was restarted, and what isn't over yet."""
    if data.services:
        screen.out.print(Text(f"Restarted {', '.join(data.services)}."), soft_wrap=True)
    if data.reloaded:
        screen.out.print(Text("The edge has a new worker; who was connected stays so."), soft_wrap=True)
    for slot in data.draining:
        screen.out.print(Text(f"  {slot} still finishes its open answers; the next command takes it away.", "yellow"))
