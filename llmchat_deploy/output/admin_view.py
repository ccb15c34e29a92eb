"""What the ``admin`` commands say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from llmchat_deploy.output.tables import print_table
from llmchat_deploy.output.words import moment
from llmchat_deploy.secret import Secret

if TYPE_CHECKING:
    from llmchat_deploy.operations.admin import AdminData, AdminList
    from llmchat_deploy.output.screen import Screen


def show_account(screen: Screen, data: AdminData, password: Secret | None) -> None:
    """Say what was done; a password that was made here is shown, once."""
    out = screen.out
    out.print(Text.assemble(("✓ ", "green"), f"Administrator '{data.username}': {data.action}."))
    if password is not None:
        out.print(Text.assemble(("  Password  ", "dim"), (password.reveal(), "bold")))
        out.print(Text("  It is shown this once and kept nowhere: change it at the first log-in.", style="yellow"))


def show_admins(screen: Screen, data: AdminList) -> None:
    """List the administrators."""
    rows = [
        (
            admin.username,
            "active" if admin.active else Text("disabled", style="red"),
            moment(admin.last_login or "") if admin.last_login else "never",
            "must be changed" if admin.must_change_password else "own",
            moment(admin.created_at),
        )
        for admin in data.admins
    ]
    print_table(screen.out, ("NAME", "STATE", "LAST LOG-IN", "PASSWORD", "CREATED"), rows)
