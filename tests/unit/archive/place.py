"""A data root with a database and attachments, a backups folder, a scratch folder, and jobs on them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from llmchat_archive import age
from llmchat_archive.create import create
from llmchat_archive.job import Job
from llmchat_archive.model import Sidecar
from llmchat_archive.restore import prepare
from llmchat_archive.store import Store
from llmchat_archive.verify import run as verify

from tests.paths import PYTHONPATH, REPOSITORY
from tests.unit.archive import busy_writer
from tests.unit.archive.told import Told

DATABASE = "llmchat.db"
PROJECT = "llmchat-test"
PROGRAM = (sys.executable, str(REPOSITORY / "service/archive/llmchat-archive"))


@dataclass
class Place:
    """Folders of a test, and a clock that moves on a minute whenever it is read."""

    folder: Path
    rows: int = 50
    encrypted: bool = False
    at: datetime = datetime(2026, 11, 25, 3, 30, tzinfo=UTC)
    told: Told = field(default_factory=Told)

    def __post_init__(self) -> None:
        for path in (self.data, self.backups, self.scratch, self.data / "attachments/ab"):
            path.mkdir(parents=True)
        busy_writer.make(self.data / DATABASE, self.rows)
        (self.data / "attachments/ab/abcd").write_bytes(b"picture" * 1000)
        self.secret, self.public = age.new_identity()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def backups(self) -> Path:
        return self.folder / "backups"

    @property
    def scratch(self) -> Path:
        return self.folder / "scratch"

    @property
    def store(self) -> Store:
        return Store(self.backups, PROJECT)

    def now(self) -> datetime:
        self.at += timedelta(minutes=1)
        return self.at

    def create_job(self, **changes: Any) -> dict[str, Any]:
        return {
            "project": PROJECT,
            "environment": "test",
            "kind": "manual",
            "label": "",
            "compact": False,
            "recipients": [self.public] if self.encrypted else [],
            "release": {"release": "r1"},
            "config": {"test.toml": "[server]\n", "env": "SECRET_KEY='corr3ct$battery'\n"},
            "versions": {"tool": "1"},
            "data": str(self.data),
            "database": DATABASE,
            "backups": str(self.backups),
            "scratch": str(self.scratch),
            **changes,
        }

    def prepare_job(self, target: Path, sidecar: Sidecar, **changes: Any) -> dict[str, Any]:
        return {
            "file": str(self.store.path(sidecar)),
            "identities": [self.secret],
            "data": str(target),
            "database": DATABASE,
            "scratch": str(self.scratch),
            "project": PROJECT,
            **changes,
        }

    def create(self, **changes: Any) -> Sidecar:
        self.told = Told()
        return create(self.create_job(**changes), self.told, self.now)

    def verify(self, ids: Any = "all", **changes: Any) -> list[dict[str, Any]]:
        told = {"project": PROJECT, "ids": ids, "identities": [self.secret], "backups": str(self.backups), **changes}
        return verify(Job(told), Told(), self.now)["backups"]

    def prepare(self, target: Path, sidecar: Sidecar, **changes: Any) -> dict[str, Any]:
        target.mkdir(exist_ok=True)
        return prepare(self.prepare_job(target, sidecar, **changes), Told())

    def left(self) -> dict[str, list[str]]:
        """Return the names in the two folders that jobs write to."""
        return {path.name: names(path) for path in (self.backups, self.scratch)}


def names(folder: Path) -> list[str]:
    """Return the names in a folder."""
    return sorted(path.name for path in folder.iterdir())


def bytes_of(path: Path) -> bytes:
    """Return a file's bytes; of a database without the counters on its first page, which a copy counts up."""
    content = path.read_bytes()
    return content[:24] + content[28:40] + content[44:92] + content[100:] if path.name == DATABASE else content


def contents(root: Path) -> dict[str, tuple[int, bytes]]:
    """Return mode and bytes of everything below a folder."""
    return {
        path.relative_to(root).as_posix(): (path.stat().st_mode, bytes_of(path) if path.is_file() else b"")
        for path in sorted(root.rglob("*"))
        if not path.name.endswith(("-wal", "-shm"))
    }


def start(verb: str, job: Any, **options: Any) -> subprocess.Popen[str]:
    """Start the real program on a job; its output is JSON lines."""
    process = subprocess.Popen(
        (*PROGRAM, verb),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": PYTHONPATH},
        **options,
    )
    assert process.stdin
    process.stdin.write(job if isinstance(job, str) else json.dumps(job))
    process.stdin.close()
    return process


def run(verb: str, job: Any, **options: Any) -> tuple[int, list[dict[str, Any]]]:
    """Run the real program on a job; return its exit code and what it told."""
    process = start(verb, job, **options)
    assert process.stdout
    assert process.stderr
    lines = [json.loads(line) for line in process.stdout]
    said = process.stderr.read()
    code = process.wait(60)
    assert "Traceback" not in said, said
    return code, lines
