"""Are there backups one could rely on? What ``status`` shows of them, and what ``health`` judges."""

from __future__ import annotations

from dataclasses import dataclass

from llmchat_archive.model import Sidecar

from llmchat_deploy.apply.kept import Shelf, read_shelf, when
from llmchat_deploy.config.model import Environment
from llmchat_deploy.config.schedule import DAY, parse_schedule
from llmchat_deploy.config.wrong import Wrong
from llmchat_deploy.errors import HostError
from llmchat_deploy.host.base import HostReader
from llmchat_deploy.operations.backup_list import stamp
from llmchat_deploy.operations.check import Check, Level

PATIENCE = 2
"""How many intervals may pass: one backup may fail, and one be under way."""
LOW_SPACE = 1 << 30
"""Bytes below which a disk is called nearly full."""
ROOM_FOR = 2
"""How many backups of the newest one's size the disk should still hold."""


@dataclass(frozen=True, slots=True)
class BackupState:
    """The backups at a glance; times ISO 8601 in UTC, None where there is none.

    ``made_at`` is when the newest verified one was made, ``proven_at`` when one was last restored
    for a proof; ``late`` tells that the schedule isn't kept.
    """

    count: int
    folder: str
    schedule: str
    next_run: str | None
    verified: str | None
    made_at: str | None
    proven_at: str | None
    late: bool
    detail: str


def backup_state(environment: Environment, host: HostReader) -> BackupState:
    """Return the state of the backups; what can't be read is told, not raised."""
    try:
        shelf = read_shelf(environment, host)
    except HostError as error:
        return BackupState(0, "", environment.backup.schedule, None, None, None, None, late=True, detail=error.message)
    check = _made(environment, shelf, host)
    verified = shelf.verified
    return BackupState(
        count=len(shelf.backups),
        folder=shelf.folder,
        schedule=environment.backup.schedule,
        next_run=stamp(shelf.scheduler.next_run) if environment.backup.schedule else None,
        verified=verified.id if verified else None,
        made_at=verified.created_at if verified else None,
        proven_at=stamp(shelf.proven_at),
        late=check.level == "failed",
        detail=check.detail,
    )


def backup_checks(environment: Environment, host: HostReader) -> list[Check]:
    """Judge the backups. Without a schedule nothing is owed: then there is advice, and no failure."""
    try:
        shelf = read_shelf(environment, host)
    except HostError as error:
        level: Level = "failed" if environment.backup.schedule else "warning"
        return [Check("backups", level, error.message, error.hint)]
    checks = [_made(environment, shelf, host)]
    if shelf.backups or environment.backup.schedule:
        checks += [_proven(environment, shelf, host), *_room(environment, shelf, host)]
    return checks


def _made(environment: Environment, shelf: Shelf, host: HostReader) -> Check:
    name, scheduled = environment.name, bool(environment.backup.schedule)
    gap = _gap(environment)
    newest, scheduler = shelf.verified, shelf.scheduler
    now = host.now()
    if newest is None:
        if not scheduled:
            hint = f"llmchat-deploy backup --env {name} makes one; llmchat-deploy backup schedule makes them by itself"
            return Check("backups", "ok", "none yet, and no schedule", hint)
        overdue = scheduler.next_run is not None and now > scheduler.next_run.timestamp() + gap
        failed = overdue or scheduler.last_ok is False
        due = f"the first one is due at {stamp(scheduler.next_run)}" if scheduler.next_run else "none was due yet"
        due = "one is being made" if scheduler.running else due
        detail = f"none is verified; {scheduler.last_error or due}"
        return Check("backups", "failed" if failed else "warning", detail, _logs(name) if failed else "")
    age = now - _at(newest)
    detail = f"the newest verified one is {_ago(age)} old ({newest.id})"
    if not scheduled:
        return Check("backups", "ok", f"{detail}, and there is no schedule", "llmchat-deploy backup schedule sets one")
    if age > PATIENCE * gap:
        return Check("backups", "failed", f"{detail}; one is due every {_ago(gap)}{_why(shelf)}", _logs(name))
    if scheduler.last_ok is False:
        return Check("backups", "warning", f"{detail}; the last one failed{_why(shelf)}", _logs(name))
    return Check("backups", "ok", detail)


def _proven(environment: Environment, shelf: Shelf, host: HostReader) -> Check:
    """Judge the last restore for a proof; a schedule with drills owes one."""
    every = environment.backup.drill_every * DAY
    owed = bool(environment.backup.schedule) and every > 0
    hint = f"llmchat-deploy backup drill --env {environment.name} restores the newest one beside the service"
    scheduler, proven = shelf.scheduler, shelf.proven_at
    if owed and scheduler.drill_ok is False:
        return Check("restore", "failed", f"the last try failed: {scheduler.drill_message}", hint)
    if proven is None:
        waited = host.now() - min(map(_at, shelf.backups), default=host.now())
        late = owed and waited > PATIENCE * every
        return Check("restore", "failed" if late else "ok", "no backup was restored for a proof yet", hint)
    age = host.now() - proven.timestamp()
    late = owed and age > PATIENCE * every
    return Check("restore", "failed" if late else "ok", f"was last proved {_ago(age)} ago", hint if late else "")


def _room(environment: Environment, shelf: Shelf, host: HostReader) -> list[Check]:
    """Judge the disk of the backups; only what is wrong is told."""
    free = host.free_bytes(shelf.folder)
    needed = max(LOW_SPACE, ROOM_FOR * (shelf.backups[0].bytes if shelf.backups else 0))
    if free >= needed:
        return []
    detail = f"{free / (1 << 30):.1f} GB free for backups ({shelf.folder})"
    hint = f"llmchat-deploy backup prune --env {environment.name}, fewer in backup.keep_, or another backup.folder"
    return [Check("backup disk", "failed" if environment.backup.schedule else "warning", detail, hint)]


def _at(backup: Sidecar) -> float:
    made = when(backup.created_at)
    return made.timestamp() if made else 0.0


def _gap(environment: Environment) -> int:
    """Return the longest time between two scheduled backups, in seconds; a day where that can't be told."""
    schedule = parse_schedule(environment.backup.schedule)
    return DAY if isinstance(schedule, Wrong) else schedule.longest_gap


def _why(shelf: Shelf) -> str:
    return f": {shelf.scheduler.last_error}" if shelf.scheduler.last_error else ""


def _logs(name: str) -> str:
    return f"llmchat-deploy logs backup --env {name} --tail 50"


def _ago(seconds: float) -> str:
    hours = max(0.0, seconds) / 3600
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"  # noqa: PLR2004 - two days
