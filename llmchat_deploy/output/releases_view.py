"""What ``releases`` and ``audit`` say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from llmchat_deploy.output.tables import print_table
from llmchat_deploy.output.words import moment

if TYPE_CHECKING:
    from llmchat_deploy.apply.audit import RunRecord
    from llmchat_deploy.operations.releases import AuditData, ReleasesData
    from llmchat_deploy.output.screen import Screen

_COLOURS = {"finished": "green", "failed": "red", "interrupted": "yellow", "cut": "red", "running": "cyan"}


def show_releases(screen: Screen, data: ReleasesData) -> None:
    """List what ran when; the release that runs is marked where it was last deployed."""
    if not data.runs:
        screen.out.print(Text(f"No release of {data.environment} is known yet."))
        return
    marked = next((run.number for run in data.runs if run.release == data.current and run.result == "finished"), None)
    heads = ("RELEASE", "BEGAN", "BY", "COMMAND", "SCHEMA", "SOURCE", "BACKUP", "RESULT")
    rows = [
        (
            run.release + (" (runs)" if run.number == marked else ""),
            moment(run.began),
            run.who,
            run.command,
            _schema(run),
            run.source or "-",
            run.backup or "-",
            _result(run),
        )
        for run in data.runs
    ]
    print_table(screen.out, heads, rows)


def show_audit(screen: Screen, data: AuditData) -> None:
    """List who changed what, when, and how it ended."""
    if not data.runs:
        screen.out.print(Text(f"Nothing was changed in {data.environment} yet."))
        return
    rows = [
        (moment(run.began), f"{run.who} on {run.host}", run.command, run.release or "-", _result(run))
        for run in data.runs
    ]
    print_table(screen.out, ("BEGAN", "BY", "COMMAND", "RELEASE", "RESULT"), rows)
    screen.out.print(Text(f"\nfrom {data.file}", style="dim"), soft_wrap=True)


def _schema(run: RunRecord) -> str:
    if run.schema_before and run.schema_after and run.schema_before != run.schema_after:
        return f"{run.schema_before} to {run.schema_after}"
    return run.schema_after or run.schema_before or "-"


def _result(run: RunRecord) -> Text:
    code = f" ({run.code}, exit {run.exit_code})" if run.code else ""
    return Text(run.result + code, style=_COLOURS[run.result])
