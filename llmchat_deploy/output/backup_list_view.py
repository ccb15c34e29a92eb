"""What ``backup list``, ``backup show`` and ``backup prune`` say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from llmchat_deploy.output.tables import print_table
from llmchat_deploy.output.words import moment, plural, size, span

if TYPE_CHECKING:
    from llmchat_deploy.operations.backup_list import BackupDetails, BackupList, BackupRow
    from llmchat_deploy.operations.backup_prune import Decision, PruneData
    from llmchat_deploy.output.screen import Screen

HEADS = ("ID", "MADE", "AGE", "KIND", "SIZE", "VERIFIED", "PROVEN", "ENCRYPTED", "ELSEWHERE", "LABEL")


def show_list(screen: Screen, data: BackupList) -> None:
    """List the backups; where there are none, say how one is made."""
    out = screen.out
    if not data.backups:
        out.print(Text(f"There is no backup of {data.environment} in {data.folder}."), soft_wrap=True)
        screen.advise(f"Make one: llmchat-deploy backup --env {data.environment}")
        return
    print_table(out, HEADS, [_row(row) for row in data.backups])
    out.print()
    count = plural(len(data.backups), "backup")
    out.print(Text(f"{count}, {size(data.bytes)}, in {data.folder}", style="dim"), soft_wrap=True)
    if data.next_run:
        out.print(Text(f"The next one is due at {moment(data.next_run)} ({data.schedule})", style="dim"))


def show_details(screen: Screen, data: BackupDetails) -> None:
    """Show one backup with what it holds."""
    out, row, told = screen.out, data.backup, data.sidecar
    contents, versions = _part(told, "contents"), _part(told, "versions")
    facts = {
        "Backup": row.id,
        "Of": f"{data.environment} ({told.get('project', '')})",
        "Made": f"{moment(row.created_at)}, {span(row.age)} ago",
        "Kind": row.kind,
        "Label": row.label,
        "File": data.path if row.there else Text(f"{data.path} is gone", style="bold red"),
        "Size": f"{size(row.bytes)} (of {size(float(contents.get('bytes') or 0))})",
        "SHA-256": str(told.get("sha256", "")),
        "Verified": moment(row.verified_at) if row.verified_at else Text("never", style="yellow"),
        "Proven": f"{moment(row.proven_at)}, by a restore" if row.proven_at else "not yet",
        "Encrypted": ", ".join(map(str, told.get("recipients") or ())) if row.encrypted else _plain(),
        "Holds": ", ".join(f"{count} {name}" for name, count in sorted(_part(contents, "rows").items())),
        "Files": str(contents.get("files", "")),
        "Schema": str(contents.get("schema") or ""),
        "Made with": ", ".join(f"{name} {version}" for name, version in versions.items()),
        "Elsewhere": ", ".join(f"{name}: {state}" for name, state in row.remotes.items()),
        "Kept": "pinned" if row.pinned else "",
        "Warnings": "; ".join(map(str, told.get("warnings") or ())),
    }
    shown = {name: value for name, value in facts.items() if value}
    width = max(map(len, shown))
    for name, value in shown.items():
        out.print(Text.assemble((f"{name:<{width}}  ", "dim"), value), soft_wrap=True)


def show_pruned(screen: Screen, data: PruneData) -> None:
    """Show what stays and what goes, each with its reason."""
    out = screen.out
    if not data.backups:
        out.print(Text(f"There is no backup of {data.environment} in {data.folder}."), soft_wrap=True)
    else:
        _decisions(screen, data.backups, dry=data.dry_run)
    for name, decisions in data.remotes.items():
        out.print(Text(f"\non {name}", style="bold"))
        _decisions(screen, decisions, dry=data.dry_run)
    if data.volumes:
        out.print(Text("\nearlier data, kept by restores", style="bold"))
        _decisions(screen, data.volumes, dry=data.dry_run)
    gone = sum(not decision.keep for decision in data.backups)
    verb = "would be removed" if data.dry_run else "removed"
    if data.backups:
        out.print(Text(f"\n{plural(len(data.backups) - gone, 'backup')} kept, {gone} {verb}."))


def _decisions(screen: Screen, decisions: tuple[Decision, ...], *, dry: bool) -> None:
    gone = Text("would go" if dry else "removed", style="red")
    rows = [
        (item.id, Text("kept", style="green") if item.keep else gone, ", ".join(item.reasons)) for item in decisions
    ]
    print_table(screen.out, ("ID", "", "WHY"), rows)


def _row(row: BackupRow) -> tuple[Text | str, ...]:
    verified: Text | str = "yes" if row.verified_at else Text("no", style="yellow")
    if not row.there:
        verified = Text("archive is gone", style="bold red")
    remotes = [Text(name, style="green" if state == "confirmed" else "red") for name, state in row.remotes.items()]
    return (
        row.id,
        moment(row.created_at),
        span(row.age),
        row.kind,
        size(row.bytes),
        verified,
        "yes" if row.proven_at else "-",
        "yes" if row.encrypted else Text("no", style="yellow"),
        Text(", ").join(remotes) if remotes else "-",
        row.label,
    )


def _plain() -> Text:
    return Text("no: whoever gets at the file can read everything", style="yellow")


def _part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = told.get(name)
    return value if isinstance(value, Mapping) else {}
