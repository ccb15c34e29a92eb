"""What the ``config`` commands say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from llmchat_deploy.output.tables import print_table
from llmchat_deploy.output.words import plural

if TYPE_CHECKING:
    from llmchat_deploy.operations.config_render import RenderData
    from llmchat_deploy.operations.config_show import ConfigShowData
    from llmchat_deploy.operations.config_validate import ConfigValidateData
    from llmchat_deploy.output.screen import Screen

DEFAULT = "default"


def show_settings(screen: Screen, data: ConfigShowData) -> None:
    """Show each setting with its value and its source; what nobody set is dimmed."""
    rows = [
        (
            Text(row.key, style="dim" if row.source == DEFAULT else ""),
            Text(row.value or "-", style="dim" if row.source == DEFAULT or not row.value else "bold"),
            Text(row.source, style="dim" if row.source == DEFAULT else "cyan"),
        )
        for row in data.rows
    ]
    print_table(screen.out, ("SETTING", "VALUE", "FROM"), rows)


def show_valid(screen: Screen, data: ConfigValidateData) -> None:
    """Say that nothing is wrong."""
    settings = plural(data.settings, "setting")
    screen.out.print(Text.assemble(("✓ ", "green"), f"{data.environment} is valid ({settings})."))


def show_rendered(screen: Screen, data: RenderData) -> None:
    """Name the files that were written, and those that were not."""
    for file in data.files:
        screen.out.print(Text(f"{data.out.rstrip('/')}/{file}"), soft_wrap=True)
    if data.withheld:
        screen.out.print(Text(f"Left out, because they hold keys: {', '.join(data.withheld)}", style="dim"))
