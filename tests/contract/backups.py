"""Backups to copy and drop: files of made-up content with true sidecars."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from llmchat_archive.model import Sidecar
from llmchat_archive.store import Store

NOW = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)


def make_backup(store: Store, sequence: int, age: timedelta, *, size: int = 5000, **changes: Any) -> Sidecar:
    """Write an archive and its sidecar; ``changes`` are fields of the sidecar."""
    at = NOW - age
    name = f"{at:%Y%m%d-%H%M%S}-{sequence:04}"
    archive = f"{store.project}-{name}.tar.zst"
    content = os.urandom(size)
    (store.folder / archive).write_bytes(content)
    told: dict[str, Any] = {
        "format": 1,
        "id": name,
        "sequence": sequence,
        "project": store.project,
        "environment": "production",
        "kind": "scheduled",
        "label": "",
        "created_at": at.isoformat(),
        "verified_at": at.isoformat(),
        "proven_at": None,
        "archive": archive,
        "bytes": size,
        "sha256": hashlib.sha256(content).hexdigest(),
        "encrypted": False,
        "recipients": [],
        "contents": {
            "files": 1,
            "bytes": 1,
            "database_bytes": 1,
            "attachments": 0,
            "rows": {},
            "schema": "1",
            "engine": "sqlite",
        },
        "versions": {"tool": "0", "image": "i", "archive": "0", "python": "3"},
        "release": None,
        "warnings": [],
        "seconds": {"snapshot": 0.1, "check": 0.1, "write": 0.1, "verify": 0.1},
        "stall": None,
        "remotes": {},
        "pinned": False,
    }
    sidecar = Sidecar.from_json({**told, **changes})
    store.update(sidecar)
    return sidecar


@dataclass
class Heard:
    """Takes what a job tells."""

    warnings: list[tuple[str, str]] = field(default_factory=list)
    moved: list[tuple[int, int]] = field(default_factory=list)

    def progress(self, stage: str, done: int, total: int) -> None:
        self.moved.append((done, total))

    def warning(self, code: str, message: str) -> None:
        self.warnings.append((code, message))

    def error(self, code: str, message: str, hint: str) -> None:
        raise AssertionError(message)

    def result(self, data: dict[str, Any]) -> None:
        raise AssertionError(data)


def store_in(folder: Path, project: str = "chat") -> Store:
    folder.mkdir(exist_ok=True)
    return Store(folder, project)
