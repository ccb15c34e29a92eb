"""A systemd service and timer that make backups, for who prefers them to the container (systemd.timer(5))."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from llmchat_deploy.config.model import Environment
from llmchat_deploy.config.schedule import Cron, Every, Schedule
from llmchat_deploy.render.jinja import renderer
from llmchat_deploy.render.templates import Templates

FOLDER = "/etc/systemd/system"
WEEKDAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
AFTER_BOOT = 300
"""Seconds that an interval leaves the machine to come up."""


@dataclass(frozen=True, slots=True)
class Runner:
    """How the tool is started here: its words, by whom, in which folder, with its records where."""

    command: tuple[str, ...]
    user: str
    project_folder: str
    state_folder: str


@dataclass(frozen=True, slots=True)
class Units:
    """Two unit files; ``name`` is theirs without its ending. The first line of each is a comment with its path."""

    environment: str
    name: str
    service: str
    timer: str


def systemd_units(environment: Environment, templates: Templates, schedule: Schedule, runner: Runner) -> Units:
    """Return the unit files that make backups by that schedule and prune them afterwards."""
    name = f"{environment.project}-backup"
    values = {
        "environment": environment.name,
        "folder": FOLDER,
        "name": name,
        "user": runner.user,
        "project_folder": runner.project_folder,
        "state_folder": runner.state_folder,
        "command": [word.replace("$", "$$") for word in runner.command],
        "timer": tuple(timer_lines(schedule, environment.backup.timezone)),
    }
    render = renderer(templates).render
    return Units(
        environment=environment.name,
        name=name,
        service=render("backup.service.j2", **values),
        timer=render("backup.timer.j2", **values),
    )


def timer_lines(schedule: Schedule, timezone: str) -> Iterator[str]:
    """Yield the lines of ``[Timer]``; a missed run is made up for once.

    With both days of the month and weekdays either is enough, as in cron: that takes two lines, for in one of
    systemd's both must hold.
    """
    if isinstance(schedule, Every):
        yield f"OnBootSec={AFTER_BOOT}s"
        yield f"OnUnitActiveSec={schedule.seconds}s"
        return
    for days, weekdays in _alternatives(schedule):
        week = ",".join(WEEKDAYS[day] for day in sorted(weekdays or ()))
        day = f"*-{_numbers(schedule.months, 12)}-{_numbers(days, 31) if days else '*'}"
        time = f"{_numbers(schedule.hours, 24)}:{_numbers(schedule.minutes, 60)}:00"
        yield f"OnCalendar={' '.join(filter(None, (week, day, time, timezone)))}"
    yield "Persistent=true"


def _alternatives(cron: Cron) -> tuple[tuple[frozenset[int] | None, frozenset[int] | None], ...]:
    if cron.days is None or cron.weekdays is None:
        return ((cron.days, cron.weekdays),)
    return ((cron.days, None), (None, cron.weekdays))


def _numbers(values: Iterable[int], count: int) -> str:
    chosen = sorted(values)
    return "*" if len(chosen) == count else ",".join(f"{value:02}" for value in chosen)
