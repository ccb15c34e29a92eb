"""The backups that lie in an environment's folder, as the files beside them tell.

What is told here was written by jobs in containers and may have been touched by others: what can't be understood is
left out and named, never believed. Only opening an archive proves what is in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from llmchat_archive.errors import ArchiveError
from llmchat_archive.model import Sidecar

from llmchat_deploy.apply.backups import backups_folder
from llmchat_deploy.config.model import Environment
from llmchat_deploy.host.base import HostReader

UNDER_WAY = "interrupted"
"""What the scheduler notes as a run's error until it has ended, for the case that it dies in it."""
ID = re.compile(r"\d{8}-\d{6}-\d{4,12}")


@dataclass(frozen=True, slots=True)
class Scheduler:
    """What the scheduled backups noted last; empty texts and None where they noted nothing."""

    next_run: datetime | None = None
    last_run: datetime | None = None
    last_ok: bool | None = None
    last_error: str = ""
    running: bool = False
    """Whether the last run hasn't ended: one is under way, or its container died in it."""
    failed_at: datetime | None = None
    failure: str = ""
    last_drill: datetime | None = None
    drill_ok: bool | None = None
    drill_message: str = ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folder with the backups of an environment, the newest backup first."""

    folder: str
    backups: tuple[Sidecar, ...] = ()
    scheduler: Scheduler = Scheduler()
    warnings: tuple[str, ...] = ()

    @property
    def verified(self) -> Sidecar | None:
        """Return the newest backup that was read back whole."""
        return next((backup for backup in self.backups if backup.verified_at), None)

    @property
    def proven_at(self) -> datetime | None:
        """Return when a backup was last restored and started, for a proof."""
        drills = [self.scheduler.last_drill] if self.scheduler.last_drill and self.scheduler.drill_ok else []
        noted = (when(backup.proven_at) for backup in self.backups)
        return max([*drills, *(moment for moment in noted if moment)], default=None)


def read_shelf(environment: Environment, host: HostReader) -> Shelf:
    """Return the backups of an environment; raises HostError where the folder can't be read."""
    folder, project = backups_folder(environment, host), environment.project
    found: list[Sidecar] = []
    warnings: list[str] = []
    for name, text in host.read_folder(folder, ".json").items():
        id_ = name.removeprefix(f"{project}-").removesuffix(".json")
        if not name.startswith(f"{project}-") or not ID.fullmatch(id_):
            continue  # of another environment, or no backup's
        try:
            found.append(_sidecar(id_, text, project))
        except ArchiveError as error:
            warnings.append(f"unreadable: {folder}/{name}: {error}")
    found.sort(key=lambda backup: backup.sequence, reverse=True)
    state = host.read_folder(folder, f"{project}.state").get(f"{project}.state", "")
    return Shelf(folder, tuple(found), _scheduler(state), tuple(warnings))


def when(text: str | None) -> datetime | None:
    """Return the aware time that a text says, None where it says none; one without a zone is UTC."""
    return _moment(text)


def _sidecar(id_: str, text: str, project: str) -> Sidecar:
    sidecar = Sidecar.from_json(_object(text))
    named = (sidecar.id, sidecar.project) == (id_, project) and sidecar.archive.startswith(f"{project}-{id_}.")
    if not named or when(sidecar.created_at) is None:
        raise ArchiveError("It contradicts its own name.", code="damaged")
    return sidecar


def _scheduler(text: str) -> Scheduler:
    told = _object(text)
    run, drill, failure = (_part(told, name) for name in ("last_run", "last_drill", "last_failure"))
    running = run.get("error") == UNDER_WAY
    return Scheduler(
        next_run=_moment(told.get("next_run")),
        last_run=_moment(run.get("at")),
        last_ok=run.get("ok") if isinstance(run.get("ok"), bool) and not running else None,
        last_error="" if running else _message(run.get("error")),
        running=running,
        failed_at=_moment(failure.get("at")),
        failure=_message(failure),
        last_drill=_moment(drill.get("at")),
        drill_ok=drill.get("ok") if isinstance(drill.get("ok"), bool) else None,
        drill_message=_message(drill.get("message")),
    )


def _message(value: object) -> str:
    return str(value.get("message", "")) if isinstance(value, dict) else str(value or "")


def _part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = told.get(name)
    return value if isinstance(value, dict) else {}


def _object(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _moment(value: object) -> datetime | None:
    """Return an aware time; one without a zone is UTC."""
    try:
        moment = datetime.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
