"""What ``restart`` did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from llmchat_deploy.operations.restart import RestartData
    from llmchat_deploy.output.screen import Screen


def show_restart(screen: Screen, data: RestartData) -> None:
    """Name what was restarted."""
    screen.out.print(Text(f"Restarted {', '.join(data.services)}."), soft_wrap=True)
