"""Make a backup that is known to be good before it has a name: snapshot, check, write, read back, rename, sidecar."""

from __future__ import annotations

import json
import platform
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from llmchat_archive import __version__, age, collect, reader, tar_names
from llmchat_archive.drill import drill
from llmchat_archive.errors import ArchiveError
from llmchat_archive.events import Events
from llmchat_archive.flush import passing
from llmchat_archive.job import Job, work_folder
from llmchat_archive.model import Header, Manifest, Sidecar, backup_id
from llmchat_archive.snapshot.base import Snapshot
from llmchat_archive.snapshot.sqlite import SqliteSnapshot
from llmchat_archive.store import Store
from llmchat_archive.writer import Written, write_archive

SNAPSHOT_SECONDS = 1800
"""How long the copying may hold its read transaction: the database's log grows by what is written meanwhile."""

RESERVE = 16 * 1024**2
"""Bytes that stay free on a disk."""

SMALLER = 4
"""Chats are text: they shrink to less than a third. A bit more is hoped for, and no room is told when it is so."""


def run(job: Job, events: Events, now: Callable[[], datetime]) -> dict[str, Any]:
    """Run the job ``create``; the result holds the sidecar."""
    return {"sidecar": create(job.told, events, now).to_json()}


def create(told: Mapping[str, Any], events: Events, now: Callable[[], datetime]) -> Sidecar:
    """Make one backup and return its sidecar. Nothing is left behind of one that fails or is stopped.

    Raises ArchiveError: of the snapshot, ``no_space``, ``write_failed``, ``damaged`` (what was written doesn't read
    back), ``drill_failed``; and OSError.
    """
    job = Job(told)
    store = Store(job.path("backups"), job.text("project"))
    store.clear_parts()
    try:
        with work_folder(job.path("scratch")) as work:
            sidecar = _Creation(job, store, work, events, now).run()
    except (ArchiveError, OSError) as error:
        code = error.code if isinstance(error, ArchiveError) else "write_failed"
        with suppress(OSError):  # it may be the folder itself that can't be written
            store.write_state(last_failure={"at": _text(now()), "code": code, "message": str(error)})
        raise
    store.write_state(committing=None, last_success={"id": sidecar.id, "at": _text(now())})
    return sidecar


class _Noted:
    """Passes events on and keeps the warnings: they belong into the archive too."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self.warnings: list[str] = []

    def progress(self, stage: str, done: int, total: int) -> None:
        self._events.progress(stage, done, total)

    def warning(self, code: str, message: str) -> None:
        self.warnings.append(f"{code}: {message}")
        self._events.warning(code, message)


class _Creation:
    def __init__(self, job: Job, store: Store, work: Path, events: Events, now: Callable[[], datetime]) -> None:
        self._job, self._store, self._work, self._now = job, store, work, now
        self._events = _Noted(events)
        self._data, self._database = job.path("data"), job.text("database")
        self._snapshot: Snapshot = SqliteSnapshot(self._database)
        self._recipients = job.texts("recipients")
        self._seconds: dict[str, float] = {}

    def run(self) -> Sidecar:
        """Make the backup."""
        recipients = age.parse_recipients(self._recipients)
        attachments = collect.weigh(self._data, self._snapshot.names())
        self._require_room(attachments)
        created = self._now()
        self._look_at_clock(created)
        sequence = self._store.next_sequence()
        header = Header(
            id=backup_id(created, sequence),
            project=self._store.project,
            environment=self._job.text("environment"),
            kind=self._job.text("kind"),
            created_at=_text(created),
            encrypted=bool(recipients),
        )
        # A key that only this job knows, and forgets: what was written is read back with it.
        secret, public = age.new_identity()
        if recipients:
            recipients += age.parse_recipients((public,))
        part = self._store.begin(header.id, encrypted=header.encrypted)
        try:
            written = self._write(part, header, recipients, attachments)
            identities = age.parse_identities((secret,)) if recipients else []
            with self._timed("verify"):
                read = reader.verify_archive(
                    part, identities, self._events, project=header.project, sha256=written.sha256
                )
            if read != written.manifest:
                raise ArchiveError("What was written reads back as something else.", code="damaged")
            proven = self._drill(part, identities)
            sidecar = self._sidecar(header, sequence, written, proven)
            self._store.commit(part, sidecar)
        finally:
            part.unlink(missing_ok=True)
        return sidecar

    def _write(self, part: Path, header: Header, recipients: list[age.Recipient], attachments: int) -> Written:
        copy = self._work / self._database
        with self._timed("snapshot"):
            taken = self._snapshot.take(
                self._data, copy, self._events, compact=self._job.flag("compact"), deadline=SNAPSHOT_SECONDS
            )
        with passing(copy):
            with self._timed("check"):
                self._events.progress("check", 0, taken.bytes)
                database = self._snapshot.check(copy)
                self._events.progress("check", taken.bytes, taken.bytes)
            with self._timed("write"):
                written = write_archive(
                    part,
                    header=header,
                    members=self._members(copy),
                    database=database,
                    versions=self._versions(),
                    recipients=recipients,
                    events=self._events,
                    total=taken.bytes + attachments,
                    warnings=self._events.warnings,
                )
        copy.unlink()  # a drill needs the room
        return written

    def _members(self, copy: Path) -> Iterator[collect.Member]:
        if (release := self._job.mapping("release")) is not None:
            yield collect.small(tar_names.RELEASE, json.dumps(release, indent=1).encode() + b"\n")
        config = self._job.mapping("config") if self._recipients else None  # secrets never lie about in the clear
        for name, text in sorted((config or {}).items()):
            yield collect.small(f"{tar_names.CONFIG}/{name}", str(text).encode())
        yield from collect.walk(self._data, self._database, copy, self._snapshot.names(), self._events)

    def _drill(self, part: Path, identities: list[age.Identity]) -> bool:
        if not self._job.flag("drill"):
            return False
        with self._timed("drill"):
            drill(part, identities, self._work / "drill", self._snapshot, self._events)
        return True

    def _sidecar(self, header: Header, sequence: int, written: Written, proven: bool) -> Sidecar:  # noqa: FBT001
        at = _text(self._now())
        return Sidecar(
            id=header.id,
            sequence=sequence,
            project=header.project,
            environment=header.environment,
            kind=header.kind,
            label=self._job.text_or_none("label") or "",
            created_at=header.created_at,
            archive=self._store.archive_name(header.id, encrypted=header.encrypted),
            bytes=written.bytes,
            sha256=written.sha256,
            encrypted=header.encrypted,
            recipients=self._recipients,
            contents=_contents(written.manifest, self._database),
            versions=written.manifest.versions,
            seconds=dict(self._seconds),
            verified_at=at,
            proven_at=at if proven else None,
            release=self._job.mapping("release"),
            warnings=written.manifest.warnings,
            pinned=self._job.flag("pinned"),
        )

    def _versions(self) -> dict[str, str]:
        told = {name: str(text) for name, text in (self._job.mapping("versions") or {}).items()}
        return told | {"archive": __version__, "python": platform.python_version()}

    def _require_room(self, attachments: int) -> None:
        database = self._snapshot.size(self._data)
        needed = [
            (self._job.path("scratch"), database + database // 10, "the copy of the database"),
            (self._store.folder, database // SMALLER + attachments, "the backup"),
        ]
        if self._job.flag("drill"):
            needed[0] = (needed[0][0], max(needed[0][1], database + attachments), "the drill")
        if needed[0][0].stat().st_dev == needed[1][0].stat().st_dev:
            needed[1] = (needed[1][0], needed[1][1] + needed[0][1], "the backup and the copy of the database")
        for folder, size, what in needed:
            free = shutil.disk_usage(folder).free
            if free < size + RESERVE:
                raise ArchiveError(
                    f"There is no room for {what}: {folder} has {free / 1e6:.0f} MB free,"
                    f" about {(size + RESERVE) / 1e6:.0f} MB are needed.",
                    code="no_space",
                    hint="Free some space (llmchat-deploy backup prune; docker system df), or set backup.folder.",
                )

    def _look_at_clock(self, created: datetime) -> None:
        newest = max((sidecar.created_at for sidecar in self._store.sidecars()), default="")
        if newest > _text(created):
            self._events.warning(
                "clock_behind",
                f"The newest backup is dated {newest}, but now it is {_text(created)}: is this machine's clock right?"
                " Backups are ordered by their numbers, so nothing is lost.",
            )

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        begun = monotonic()
        yield
        self._seconds[stage] = round(monotonic() - begun, 3)


def _contents(manifest: Manifest, database: str) -> dict[str, Any]:
    files = [entry for entry in manifest.entries if entry.type == "file" and entry.path.startswith("data/")]
    sizes = {entry.path: entry.size for entry in files}
    return {
        "files": len(files),
        "bytes": sum(sizes.values()),
        "database_bytes": sizes[f"{tar_names.DATA}/{database}"],
        "attachments": sum(entry.path.startswith("data/attachments/") for entry in files),
        "rows": dict(manifest.database.rows),
        "schema": manifest.database.schema,
        "engine": manifest.database.engine,
    }


def _text(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
