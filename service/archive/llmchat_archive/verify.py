"""Read backups back, every byte of them, and write down when that was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from llmchat_archive import reader
from llmchat_archive.age import parse_identities
from llmchat_archive.errors import ArchiveError
from llmchat_archive.events import Events
from llmchat_archive.job import BadJob, Job
from llmchat_archive.model import Sidecar
from llmchat_archive.store import Store

NOT_ITS_FAULT = ("key_missing", "wrong_key", "no_space", "write_failed")
"""Failures that say nothing about the backup: it stays as verified as it was."""


def run(job: Job, events: Events, now: Callable[[], datetime]) -> dict[str, Any]:
    """Run the job ``verify``: ``ids`` names backups, or is ``"all"``. One that is damaged doesn't stop the others."""
    store = Store(job.path("backups"), job.text("project"))
    identities = parse_identities(job.texts("identities"))
    ids = [sidecar.id for sidecar in store.sidecars()] if job.told.get("ids") == "all" else list(job.texts("ids"))
    if not ids and job.told.get("ids") != "all":
        raise BadJob("'ids' is empty")
    results = [_verify(store, text, identities, events, now) for text in ids]
    return {"backups": results, "failed": not all(result["ok"] for result in results)}


def _verify(
    store: Store, wanted: str, identities: Sequence[Any], events: Events, now: Callable[[], datetime]
) -> dict[str, Any]:
    result: dict[str, Any] = {
        "id": wanted,
        "ok": True,
        "code": None,
        "message": None,
        "hint": None,
        "verified_at": None,
    }
    sidecar: Sidecar | None = None
    try:
        sidecar = store.get(wanted)
        result["id"] = sidecar.id
        verify(store, sidecar, identities, events)
        verified = replace(sidecar, verified_at=now().isoformat(timespec="seconds"))
        store.update(verified)
        return result | {"verified_at": verified.verified_at}
    except ArchiveError as error:
        failed = {"code": error.code, "message": str(error), "hint": error.hint}
    except OSError as error:
        failed = {"code": "damaged", "message": f"It can't be read: {error.strerror}."}
    if sidecar is not None and sidecar.verified_at is not None and failed["code"] not in NOT_ITS_FAULT:
        store.update(replace(sidecar, verified_at=None))  # no policy may count on it
    return result | failed | {"ok": False}


def verify(store: Store, sidecar: Sidecar, identities: Sequence[Any], events: Events) -> None:
    """Read one backup back and hold it against its sidecar. Raises ArchiveError of the reader, ``damaged``."""
    path = store.path(sidecar)
    if not path.is_file():
        raise ArchiveError(
            f"The file {sidecar.archive} is gone.", code="not_found", hint="Its copy elsewhere may still be there."
        )
    manifest = reader.verify_archive(path, identities, events, project=sidecar.project, sha256=sidecar.sha256)
    if manifest.header.id != sidecar.id:
        raise ArchiveError(
            f"The file {sidecar.archive} holds the backup {manifest.header.id}.",
            code="damaged",
            hint="Files were renamed or exchanged; the name inside is the right one.",
        )
