"""What ``restore`` says when it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from llmchat_deploy.output.backup_view import counted
from llmchat_deploy.output.up_view import SHOWN_ONCE

if TYPE_CHECKING:
    from llmchat_deploy.operations.restore import RestoreData
    from llmchat_deploy.output.screen import Screen


def show_restored(screen: Screen, data: RestoreData) -> None:
    """Say what is used now, what is kept, and how to go back."""
    out, backup = screen.out, data.backup
    said = "uses the data from before again" if backup is None else f"uses the data of {data.source}"
    out.print(Text.assemble("\n", ("✓ ", "bold green"), (data.environment, "bold"), f" {said}.\n"))
    rows = [("Page", data.urls.web)]
    if backup is not None:
        rows += [("Made at", str(backup.get("created_at", ""))), ("Holds", counted(backup.get("rows", {})))]
    rows.append(("Volume", data.volume))
    if data.kept_volume:
        rows.append(("Kept", f"{data.kept_volume} (what was there before)"))
    if data.safety:
        rows.append(("Backup", f"{data.safety} (of what was there before)"))
    if data.admin:
        rows += [("Admin", data.admin.username), ("Password", data.admin.password.reveal())]
    for name, value in rows:
        out.print(Text.assemble((f"  {name:<10}", "dim"), value), soft_wrap=True)
    if data.admin:
        out.print(Text(SHOWN_ONCE, "yellow"))
    if data.kept_volume:
        undo = f"llmchat-deploy restore --undo --env {data.environment}"
        screen.advise(f"Not what was wanted? {undo}", before="\n")
