"""What ``lock status`` and ``lock release`` say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from llmchat_deploy.output.words import moment

if TYPE_CHECKING:
    from llmchat_deploy.operations.lock import LockData
    from llmchat_deploy.output.screen import Screen


def show_lock(screen: Screen, data: LockData) -> None:
    """Say who holds the lock and what can be done about it."""
    out, holder = screen.out, data.holder
    out.print(Text(data.explanation), soft_wrap=True)
    if holder and not data.released:
        lives = {True: "lives", False: "is gone", None: "can't be seen from here"}[data.alive]
        facts = {"Since": moment(holder.since), "Machine": holder.host, "Process": f"{holder.pid}, {lives}"}
        for name, value in facts.items():
            out.print(Text.assemble((f"  {name:<9}", "dim"), value), soft_wrap=True)
    for step in data.next_steps:
        screen.advise(step)
