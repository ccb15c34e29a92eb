"""What ``health`` found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from llmchat_deploy.operations.health import HealthData
    from llmchat_deploy.output.screen import Screen

_MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "failed": ("✗", "bold red")}


def show_health(screen: Screen, data: HealthData) -> None:
    """Show each check with its mark, what to do where it isn't ok, and the verdict."""
    out = screen.out
    width = max((len(check.name) for check in data.checks), default=0)
    for check in data.checks:
        mark, colour = _MARKS[check.level]
        out.print(Text.assemble((mark, colour), f" {check.name:<{width}}  ", check.detail), soft_wrap=True)
        if check.hint:
            screen.advise(check.hint, before="    ")
    warnings = sum(check.level == "warning" for check in data.checks)
    if not data.ok:
        out.print(Text(f"\n{data.environment} is not well.", style="bold red"))
    elif warnings:
        out.print(Text(f"\n{data.environment} works, with something to look at.", style="yellow"))
    else:
        out.print(Text(f"\n{data.environment} is well.", style="green"))
