"""What ``down`` left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from llmchat_deploy.output.words import as_typed

if TYPE_CHECKING:
    from llmchat_deploy.operations.down import DownData
    from llmchat_deploy.output.screen import Screen


def show_down(screen: Screen, data: DownData) -> None:
    """Say that it is down, and which data is still there."""
    screen.out.print(Text(f"{data.environment} is down."))
    if data.kept_volumes:
        screen.out.print(Text(f"Its data stays: {', '.join(data.kept_volumes)}."), soft_wrap=True)
        screen.out.print(Text(as_typed(f"Bring it back: llmchat-deploy up --env {data.environment}")))
