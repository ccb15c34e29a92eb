"""Prove that a backup can be restored: extract it, start the service on it, log in, count its rows."""

from __future__ import annotations

import http
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from llmchat_archive import reader
from llmchat_archive.age import parse_identities
from llmchat_archive.errors import ArchiveError
from llmchat_archive.events import Events
from llmchat_archive.job import Job, work_folder
from llmchat_archive.model import Manifest
from llmchat_archive.restore import prove
from llmchat_archive.service import Service
from llmchat_archive.snapshot.base import Snapshot
from llmchat_archive.snapshot.sqlite import SqliteSnapshot
from llmchat_archive.store import Store
from llmchat_archive.tar_names import DATA

TOUCHED = ("sessions", "login_throttles", "alembic_version", "offline_revisions")
"""Tables in which the drill's own log-in and a migration leave rows."""

ONE_MORE = ("users", "audit_entries")
"""Tables that hold exactly one row more: the drill's own administrator, and the note of who made it."""

DERIVED = "search_"
"""How the tables of the search index begin: the service fills them by itself from what was written shortly before."""


def run(job: Job, events: Events, now: Callable[[], datetime]) -> dict[str, Any]:
    """Run the job ``drill``: ``id`` names the backup, the newest one without it."""
    store = Store(job.path("backups"), job.text("project"))
    identities = parse_identities(job.texts("identities"))
    sidecar = store.get(job.text_or_none("id") or "latest")
    begun = monotonic()
    try:
        with work_folder(job.path("scratch")) as work:
            manifest = drill(
                store.path(sidecar), identities, work / "drill", SqliteSnapshot(job.text("database")), events
            )
    except ArchiveError as error:
        at = now().isoformat(timespec="seconds")
        store.write_state(last_drill={"id": sidecar.id, "at": at, "ok": False, "message": str(error)})
        raise
    at = now().isoformat(timespec="seconds")
    store.update(replace(sidecar, verified_at=at, proven_at=at))
    store.write_state(last_drill={"id": sidecar.id, "at": at, "ok": True, "message": ""})
    return {
        "ok": True,
        "id": sidecar.id,
        "seconds": round(monotonic() - begun, 2),
        "rows": dict(manifest.database.rows),
        "proven_at": at,
    }


def drill(file: Path, identities: Sequence[Any], folder: Path, snapshot: Snapshot, events: Events) -> Manifest:
    """Restore an archive into the new ``folder`` and use it as people would.

    Raises ArchiveError of the reader, ``damaged``, ``drill_failed``.
    """
    folder.mkdir(mode=0o700)
    restored, work = folder / "restored", folder / "service"
    restored.mkdir(mode=0o700)
    work.mkdir(mode=0o700)
    manifest = reader.extract(file, identities, restored, events)
    prove(restored / DATA, manifest, snapshot, events)
    events.progress("start", 0, 1)
    service = Service(restored / DATA, work)
    service.command("migrate")
    name, password = f"drill-{secrets.token_hex(8)}", secrets.token_urlsafe(24)
    service.command("admin", "create", "--username", name, stdin=password.encode())
    with service.serving():
        _log_in(service, name, password)
    _count(restored / DATA, manifest, snapshot)
    events.progress("start", 1, 1)
    return manifest


def _log_in(service: Service, name: str, password: str) -> None:
    status, answer = service.ask("POST", "/api/auth/login", {"username": name, "password": password})
    token = answer.get("access_token") if isinstance(answer, dict) else None
    if status != http.HTTPStatus.OK or not isinstance(token, str):
        raise ArchiveError(f"Nobody can log in: HTTP {status}.", code="drill_failed")
    for path in ("/api/auth/me", "/api/conversations"):
        status, _ = service.ask("GET", path, token=token)
        if status != http.HTTPStatus.OK:
            raise ArchiveError(f"{path} answers HTTP {status}.", code="drill_failed")


def _count(data: Path, manifest: Manifest, snapshot: Snapshot) -> None:
    """Count again after the service has used it: nothing may be missing."""
    before, after = manifest.database, snapshot.describe(data)
    for table, rows in before.rows.items():
        if table not in after.rows and after.schema != before.schema:
            continue  # the migration put it elsewhere
        found = after.rows.get(table)
        if table in ONE_MORE:
            right = found == rows + 1
        else:
            right = found == rows or table in TOUCHED or table.startswith(DERIVED)
        if not right:
            raise ArchiveError(
                f"After the drill the table {table} holds {found} rows, the backup {rows}.", code="drill_failed"
            )
