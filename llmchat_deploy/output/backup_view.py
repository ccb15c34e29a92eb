"""What ``backup``, ``backup verify`` and ``backup drill`` say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from llmchat_deploy.output.words import plural, size

if TYPE_CHECKING:
    from llmchat_deploy.operations.backup import BackupData, DrillData, VerifyData
    from llmchat_deploy.output.screen import Screen


def show_made(screen: Screen, data: BackupData) -> None:
    """Say which backup was made, where it is and what is in it."""
    out, made = screen.out, data.backup
    contents = made["contents"]
    out.print(
        Text.assemble("\n", ("✓ ", "bold green"), ("Backup ", ""), (made["id"], "bold"), " is made and verified.\n")
    )
    holds = f"{counted(contents['rows'])}; {plural(contents['files'], 'file')}, {size(contents['bytes'])}"
    encrypted = f"yes; {plural(len(made['recipients']), 'key')} can open it" if made["encrypted"] else "no"
    rows = [("File", data.file), ("Size", size(made["bytes"])), ("Holds", holds), ("Encrypted", encrypted)]
    rows += [("Copied to", data.copied_to)] if data.copied_to else []
    rows += [(name, _copy(state)) for name, state in data.copies.items()]
    for name, value in rows:
        out.print(Text.assemble((f"  {name:<10}", "dim"), value), soft_wrap=True)


def show_verified(screen: Screen, data: VerifyData) -> None:
    """Show each backup that was read back."""
    for each in data.backups:
        mark, colour = ("✓", "green") if each["ok"] else ("✗", "bold red")
        said = "every byte is as it was written" if each["ok"] else f"{each['message']} [{each['code']}]"
        screen.out.print(Text.assemble((mark, colour), f" {each['id']}  {said}"), soft_wrap=True)
        if each["hint"]:
            screen.advise(each["hint"], before="    ")
    if not data.backups:
        screen.out.print(Text(f"There are no backups of {data.environment}."))


def show_drill(screen: Screen, data: DrillData) -> None:
    """Say what was proved."""
    drill = data.drill
    screen.out.print(
        Text.assemble(
            ("✓ ", "bold green"),
            f"{drill['id']} can be restored: the service ran on it ({counted(drill['rows'])};"
            f" {drill['seconds']:.0f} s).",
        ),
        soft_wrap=True,
    )


def counted(rows: dict[str, Any]) -> str:
    """Return how much of what people know of is in a database."""
    known = {"users": "user", "conversations": "conversation", "messages": "message"}
    return ", ".join(plural(rows[name], thing) for name, thing in known.items() if name in rows) or "no rows"


def _copy(state: dict[str, Any]) -> str:
    return "copy confirmed" if state["state"] == "confirmed" else f"failed: {state.get('error')}"
