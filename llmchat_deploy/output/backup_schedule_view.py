"""What ``backup schedule`` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from llmchat_deploy.output.words import moment

if TYPE_CHECKING:
    from llmchat_deploy.operations.backup_schedule import ScheduleData
    from llmchat_deploy.output.screen import Screen
    from llmchat_deploy.render.systemd import Units

INSTALL = """# Each part goes into the file that its first line names. In one go:
#   llmchat-deploy backup schedule --systemd {option} --env {environment} |
#     sudo awk '/^# \\/etc\\// {{f = $2}} f {{print > f}}'
#   sudo systemctl daemon-reload && sudo systemctl enable --now {name}.timer
"""


def show_schedule(screen: Screen, data: ScheduleData) -> None:
    """Say when backups are made, and how it went."""
    out = screen.out
    if data.changed:
        said = "are made by themselves" if data.schedule else "aren't made by themselves any more"
        out.print(Text.assemble("\n", ("✓ ", "bold green"), f"Backups of {data.environment} {said}."))
    for name, value in _rows(data):
        out.print(Text.assemble((f"  {name:<12}", "dim"), value), soft_wrap=True)
    for step in data.next_steps:
        screen.advise(step)


def show_units(screen: Screen, data: Units, option: str) -> None:
    """Print both unit files just so, with how to install them before: the command that gives them once more."""
    install = INSTALL.format(option=option, environment=data.environment, name=data.name)
    for line in f"{install}{data.service}{data.timer}".splitlines():
        screen.plain_line(line)


def _rows(data: ScheduleData) -> list[tuple[str, str | Text]]:
    zone = f" ({data.timezone})" if data.timezone and not data.schedule.startswith("every") else ""
    rows: list[tuple[str, str | Text]] = [("Schedule", f"{data.schedule}{zone}" if data.schedule else "none")]
    if data.schedule:
        rows.append(("Next run", moment(data.next_run) if data.next_run else "not known yet"))
    if data.last_run:
        rows.append(("Last run", Text.assemble(f"{moment(data.last_run)}, ", *_how(data))))
    if data.last_failure_at:
        rows.append(("Last failure", f"{moment(data.last_failure_at)}: {data.last_failure}"))
    return rows


def _how(data: ScheduleData) -> tuple[tuple[str, str]]:
    if data.last_ok is None:
        return (("not over yet", ""),)
    return (("good", "green"),) if data.last_ok else (("failed", "bold red"),)
