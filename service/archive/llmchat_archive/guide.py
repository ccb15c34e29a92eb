"""Bring the accounts of the guide's deployment into a new data volume, which may begin as a copy of the present one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from llmchat_archive.errors import ArchiveError
from llmchat_archive.events import Events
from llmchat_archive.flush import flushing
from llmchat_archive.guide_database import Found, read_accounts
from llmchat_archive.job import Job, work_folder
from llmchat_archive.restore import open_staging, settle
from llmchat_archive.service import Service
from llmchat_archive.snapshot.sqlite import SqliteSnapshot
from llmchat_archive.tar_names import DATA

COPY_SECONDS = 1800


def run(job: Job, events: Events, _now: Callable[[], datetime]) -> dict[str, Any]:
    """Run the job ``import-guide``."""
    with work_folder(job.path("scratch")) as work:
        return import_guide(job.told, events, work)


def import_guide(told: Mapping[str, Any], events: Events, work: Path) -> dict[str, Any]:
    """Fill the empty data root ``data`` with a copy of ``present``, if any, and the accounts of the archive ``file``.

    An account whose name exists already stays as it is here, and a warning names it. Raises ArchiveError of
    :func:`read_accounts`, ``busy``, ``write_failed``. Killed anywhere, it can be run again.
    """
    job = Job(told)
    file, data = job.path("file"), job.path("data")
    if not file.is_file():
        raise ArchiveError(f"There is no archive {file.name}.", code="not_found")
    extracted = work / "extracted"
    extracted.mkdir(mode=0o700)
    found = read_accounts(file, extracted, events)
    staging = open_staging(data)
    root = staging / DATA
    snapshot = SqliteSnapshot(job.text("database"))
    _begin(root, job.text_or_none("present"), snapshot, events)
    service = Service(root, work, code="write_failed")
    service.command("migrate")
    answer = service.command("accounts", "import", stdin=json.dumps(found.accounts).encode())
    _warn(found, answer, events)
    database = snapshot.describe(root)
    for name in snapshot.names():  # at rest a log is empty; what may be left of it has been read
        if name.endswith("-shm"):
            (root / name).unlink(missing_ok=True)
    files = [path for path in root.rglob("*") if path.is_file()]
    result: dict[str, Any] = {
        "id": file.name,
        "project": None,
        "environment": None,
        "created_at": datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat(),
        "schema": database.schema,
        "rows": dict(database.rows),
        "files": len(files),
        "bytes": sum(path.stat().st_size for path in files),
        "accounts": {name: len(names) for name, names in answer.items()},
        "warnings": [],
    }
    settle(data, staging)
    return result


def _begin(root: Path, present: str | None, snapshot: SqliteSnapshot, events: Events) -> None:
    """Make the new data root: empty, or a copy of what is there while it is used."""
    root.mkdir(mode=0o700)
    if present is None:
        return
    old = Path(present)
    try:
        snapshot.take(old, root / snapshot.name, events, compact=False, deadline=COPY_SECONDS)
    except ArchiveError as error:
        if error.code != "not_found":
            raise
        return  # deployed, but never used: as good as empty
    with flushing(root / snapshot.name):
        for path in old.iterdir():
            if path.name in snapshot.names() or path.is_symlink():
                continue
            if path.is_dir():
                shutil.copytree(path, root / path.name, symlinks=True)
            elif path.is_file():
                shutil.copy2(path, root / path.name)
    shutil.copymode(old, root)


def _warn(found: Found, answer: Mapping[str, list[str]], events: Events) -> None:
    if found.damaged:
        events.warning(
            "guide_damaged",
            f"The database {found.member} is damaged, so accounts may be missing: the guide's command copies it while"
            " it is written to.",
        )
    for name in answer["kept"]:
        events.warning("account_kept", f"The account '{name}' exists here already and stays as it is.")
    for name in answer["refused"]:
        events.warning("account_refused", f"The account {name!r} was left out: that name isn't allowed here.")
    for name in answer["without_password"]:
        events.warning(
            "account_without_password",
            f"The account '{name}' needs a new password before it can be used: its old one can't be checked here.",
        )
