"""What ``proxy`` prints: the configuration by itself, ready for a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from llmchat_deploy.output.words import as_typed

if TYPE_CHECKING:
    from llmchat_deploy.operations.proxy import ProxyData
    from llmchat_deploy.output.screen import Screen


def show_proxy(screen: Screen, data: ProxyData) -> None:
    """Print the configuration, or where it was written; what is left to do goes to standard error."""
    if data.file:
        screen.out.print(Text(f"Written: {data.file}"), soft_wrap=True)
    else:
        screen.plain_line(data.text.rstrip("\n"))
    for step in data.next_steps:
        screen.err.print(Text.assemble(("→ ", "cyan"), as_typed(step)), soft_wrap=True)
