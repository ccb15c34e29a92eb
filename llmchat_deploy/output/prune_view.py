"""What ``prune`` removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from llmchat_deploy.operations.prune import PruneData
    from llmchat_deploy.output.screen import Screen


def show_pruned(screen: Screen, data: PruneData) -> None:
    """Say how many images went; the steps have named them."""
    count = {0: "No image", 1: "1 image"}.get(len(data.images), f"{len(data.images)} images")
    screen.out.print(Text(f"{count} of {data.environment} removed."))
