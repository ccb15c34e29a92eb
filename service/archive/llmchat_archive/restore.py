"""Fill a new data volume from a backup and prove it there. What is in use is never touched.

The files are extracted beside the place where they belong and moved when everything is proven. The staging folder is
made first and goes last: where it is found, an earlier run was cut, and everything beside it was its work.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from llmchat_archive import reader
from llmchat_archive.age import parse_identities
from llmchat_archive.errors import ArchiveError
from llmchat_archive.events import Events
from llmchat_archive.job import Job, clear, work_folder
from llmchat_archive.model import Manifest
from llmchat_archive.snapshot.base import Snapshot
from llmchat_archive.snapshot.sqlite import SqliteSnapshot
from llmchat_archive.tar_names import DATA

STAGING = ".llmchat-restoring"


def run(job: Job, events: Events, _now: Callable[[], datetime]) -> dict[str, Any]:
    """Run the job ``prepare``."""
    with work_folder(job.path("scratch")):  # only to remove what a killed job left there
        return prepare(job.told, events)


def prepare(told: Mapping[str, Any], events: Events) -> dict[str, Any]:
    """Restore the archive ``file`` into the empty data root ``data`` and describe what is there now.

    Raises ArchiveError of the reader, ``foreign``, ``schema_newer``, ``busy`` (the root holds something), ``damaged``.
    Killed anywhere, it can be run again.
    """
    job = Job(told)
    data = job.path("data")
    identities = parse_identities(job.texts("identities"))
    staging = open_staging(data)
    manifest = reader.extract(job.path("file"), identities, staging, events, project=job.text_or_none("project"))
    _refuse_newer(manifest, job.text_or_none("schema_head"))
    prove(staging / DATA, manifest, SqliteSnapshot(job.text("database")), events)
    settle(data, staging)
    return result_of(manifest)


def open_staging(data: Path) -> Path:
    """Return a new staging folder in an empty data root; what an earlier, cut run left there goes first.

    Raises ArchiveError ``busy`` for a data root that holds anything else.
    """
    staging = data / STAGING
    others = [path for path in data.iterdir() if path.name not in (STAGING, "lost+found")]
    if others and not staging.exists():
        raise ArchiveError(
            f"The volume to restore into isn't empty: it holds {others[0].name}.",
            code="busy",
            hint="A restore fills a new volume. Nothing has changed.",
        )
    for path in (*others, staging):
        clear(path)
    staging.mkdir(mode=0o700)
    return staging


def prove(root: Path, manifest: Manifest, snapshot: Snapshot, events: Events) -> None:
    """Check a restored data root: its digests were checked on the way in, so its names and its database are left.

    Raises ArchiveError ``damaged``.
    """
    size = sum(entry.size for entry in manifest.entries)
    events.progress("check", 0, size)
    found = {path.relative_to(root.parent).as_posix() for path in root.rglob("*")} | {root.name}
    expected = {entry.path.rstrip("/") for entry in manifest.entries if entry.path.partition("/")[0] == DATA}
    if found != expected:
        different = min(found ^ expected)
        raise ArchiveError(f"What was restored isn't what the manifest says: {different}.", code="damaged")
    snapshot.restored(root, manifest.database)
    events.progress("check", size, size)


def settle(data: Path, staging: Path) -> None:
    """Move what was proven to where it belongs; the staging folder goes last."""
    root = staging / DATA
    for path in sorted(root.iterdir()):
        path.rename(data / path.name)
    shutil.copymode(root, data)
    _flush(data)
    clear(staging)
    _flush(data)


def result_of(manifest: Manifest) -> dict[str, Any]:
    """Describe what was restored."""
    files = [entry for entry in manifest.entries if entry.type == "file" and entry.path.startswith(f"{DATA}/")]
    header = manifest.header
    return {
        "id": header.id,
        "project": header.project,
        "environment": header.environment,
        "created_at": header.created_at,
        "schema": manifest.database.schema,
        "rows": dict(manifest.database.rows),
        "files": len(files),
        "bytes": sum(entry.size for entry in files),
        "warnings": list(manifest.warnings),
    }


def _refuse_newer(manifest: Manifest, schema_head: str | None) -> None:
    """Refuse what the release here is too old for. Revisions are numbers with leading zeros: they sort as texts."""
    schema = manifest.database.schema
    if schema_head is not None and schema is not None and schema > schema_head:
        raise ArchiveError(
            f"The backup's database has the schema {schema}, this release knows {schema_head}.",
            code="schema_newer",
            hint="Update llmchat-deploy, then restore.",
        )


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
