"""Which backups there are, and what each of them holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from llmchat_archive.model import Sidecar

from llmchat_deploy.apply.backups import backups_folder
from llmchat_deploy.apply.kept import read_shelf, when
from llmchat_deploy.config.model import Environment
from llmchat_deploy.host.base import HostReader
from llmchat_deploy.operations.backup_source import find_backup
from llmchat_deploy.operations.outcome import Outcome


@dataclass(frozen=True, slots=True)
class BackupRow:
    """One backup; ``age`` in seconds, ``bytes`` on the disk, times ISO 8601 in UTC, ``remotes`` name -> state.

    ``there`` is false where the archive itself has gone.
    """

    id: str
    created_at: str
    age: float
    kind: str
    label: str
    bytes: int
    verified_at: str | None
    proven_at: str | None
    encrypted: bool
    pinned: bool
    remotes: Mapping[str, str]
    archive: str
    there: bool


@dataclass(frozen=True, slots=True)
class BackupList:
    """All backups of an environment, the newest first; ``bytes`` of all together."""

    environment: str
    folder: str
    schedule: str
    next_run: str | None
    bytes: int
    backups: tuple[BackupRow, ...]


@dataclass(frozen=True, slots=True)
class BackupDetails:
    """One backup, with all that the file beside its archive says (``sidecar``)."""

    environment: str
    path: str
    backup: BackupRow
    sidecar: Mapping[str, Any]


def list_backups(environment: Environment, host: HostReader) -> Outcome[BackupList]:
    """Return the backups of an environment; raises HostError where their folder can't be read."""
    shelf = read_shelf(environment, host)
    scheduled = environment.backup.schedule
    data = BackupList(
        environment=environment.name,
        folder=shelf.folder,
        schedule=scheduled,
        next_run=stamp(shelf.scheduler.next_run) if scheduled else None,
        bytes=sum(backup.bytes for backup in shelf.backups),
        backups=tuple(_row(backup, shelf.folder, host) for backup in shelf.backups),
    )
    return Outcome("backup list", data, warnings=shelf.warnings)


def show(environment: Environment, host: HostReader, wanted: str) -> Outcome[BackupDetails]:
    """Return one backup, by its id, its number or ``latest``; raises ArchiveFailed (not_found)."""
    backup = find_backup(wanted, environment, host)
    folder = backups_folder(environment, host)
    data = BackupDetails(environment.name, f"{folder}/{backup.archive}", _row(backup, folder, host), backup.to_json())
    return Outcome("backup show", data)


def stamp(moment: datetime | None) -> str | None:
    """Return a time as ISO 8601 in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None


def _row(backup: Sidecar, folder: str, host: HostReader) -> BackupRow:
    created = when(backup.created_at)
    return BackupRow(
        id=backup.id,
        created_at=stamp(created) or "",
        age=host.now() - created.timestamp() if created else 0.0,
        kind=backup.kind,
        label=backup.label,
        bytes=backup.bytes,
        verified_at=stamp(when(backup.verified_at)),
        proven_at=stamp(when(backup.proven_at)),
        encrypted=backup.encrypted,
        pinned=backup.pinned,
        remotes=copies(backup),
        archive=backup.archive,
        there=host.folder_owner(f"{folder}/{backup.archive}") is not None,
    )


def copies(backup: Sidecar) -> dict[str, str]:
    """Return the state of each copy elsewhere, ``confirmed`` or ``failed``, by the remote's name."""
    return {name: str(copy.get("state", "")) for name, copy in backup.remotes.items() if isinstance(copy, dict)}
