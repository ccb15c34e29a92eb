"""The last screen of ``up``: where it is, how to get in, what next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from llmchat_deploy.operations.up import UpData
    from llmchat_deploy.output.screen import Screen

SHOWN_ONCE = "\n  The password is shown this once and kept nowhere: change it at the first log-in."


def show_up(screen: Screen, data: UpData) -> None:
    """Show what runs now; a second ``up`` gets one line."""
    out = screen.out
    if not data.changed:
        out.print(Text(f"Nothing to do: {data.environment} runs release {data.release}."))
        return
    out.print(
        Text.assemble("\n", ("✓ ", "bold green"), (data.environment, "bold"), " runs release ", data.release, ".\n")
    )
    rows = [("Page", data.urls.web), ("API", data.urls.api), ("API docs", data.urls.docs)]
    if data.model:
        rows.append(("Model", "answers" if data.model.ok else "doesn't answer yet"))
    if data.admin:
        rows += [("Admin", data.admin.username), ("Password", data.admin.password.reveal())]
    for name, value in rows:
        style = "bold" if name == "Password" else "cyan" if value.startswith("http") else ""
        out.print(Text.assemble((f"  {name:<10}", "dim"), (value, style)), soft_wrap=True)
    if data.admin:
        out.print(Text(SHOWN_ONCE, "yellow"))
    for slot in data.draining:
        out.print(Text(f"\n  {slot} still finishes its open answers; the next up takes it away.", "yellow"))
    screen.next_steps(data.next_steps)
