"""Make a backup that is known to be good before it has a name: snapshot, check, write, read back, rename, sidecar."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from llmchat_archive import age, reader, writer
from llmchat_archive.collect import collect
from llmchat_archive.drill import drill_archive
from llmchat_archive.errors import ArchiveError
from llmchat_archive.events import Events
from llmchat_archive.job import Job, work_folder
from llmchat_archive.model import Database, Header, Manifest, Sidecar, backup_id
from llmchat_archive.snapshot.base import Snapshot
from llmchat_archive.snapshot.sqlite import SqliteSnapshot
from llmchat_archive.store import Store

SNAPSHOT_SECONDS = 1800
"""How long the copying may hold its read transaction: the database's log grows by what is written meanwhile."""

RESERVE = 16 * 1024**2
"""Bytes that stay free on a disk."""


def run(job: Job, events: Events, now: Callable[[], datetime]) -> dict[str, Any]:
    """Run the job ``create``; the result holds the sidecar."""
    return {"sidecar": create(job.told, events, now).to_json()}


def create(told: Mapping[str, Any], events: Events, now: Callable[[], datetime]) -> Sidecar:
    """Make one backup and return its sidecar. Nothing is left behind of one that fails or is stopped.

    Raises ArchiveError: of the snapshot, ``no_space``, ``write_failed``, ``damaged`` (what was written doesn't read
    back), ``drill_failed``.
    """
    job = Job(told)
    store = Store(job.path("backups"), job.text("project"))
    try:
        with work_folder(job.path("scratch")) as work:
            sidecar = _Creation(job, store, work, events, now).run()
    except ArchiveError as error:
        _note(store, last_failure={"at": now().isoformat(), "code": error.code, "message": str(error)})
        raise
    return sidecar
