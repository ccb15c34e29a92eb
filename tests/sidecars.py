"""Files beside archives, as the jobs write them, on a machine in memory."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fakes import FakeHost

FOLDER = "/state/backups"
PROJECT = "llmchat-test"


def told(sequence: int, at: datetime, project: str = PROJECT, **changes: Any) -> dict[str, Any]:
    """Return what the file beside a verified, encrypted backup of that time says."""
    id_ = f"{at:%Y%m%d-%H%M%S}-{sequence:04}"
    return {
        "format": 1, "id": id_, "sequence": sequence, "project": project, "environment": "test", "kind": "scheduled",
        "label": "", "created_at": at.isoformat(), "verified_at": at.isoformat(), "proven_at": None,
        "archive": f"{project}-{id_}.tar.zst.age", "bytes": 2_000_000, "sha256": "ab" * 32, "encrypted": True,
        "recipients": ["age1one"], "versions": {"tool": "0.1.0"}, "release": None, "warnings": [], "seconds": {},
        "contents": {"files": 12, "bytes": 9_000_000, "rows": {"users": 3, "messages": 40}, "schema": "0004"},
        "stall": None, "remotes": {}, "pinned": False, **changes,
    }  # fmt: skip


def put(host: FakeHost, sequence: int, ago: timedelta, *, archive: bool = True, **changes: Any) -> str:
    """Lay a backup of some time ago into the folder and return its id."""
    at = datetime.fromtimestamp(host.now(), UTC) - ago
    data = told(sequence, at, **changes)
    host.texts[f"{FOLDER}/{data['project']}-{data['id']}.json"] = json.dumps(data)
    if archive:
        host.texts[f"{FOLDER}/{data['archive']}"] = "an archive"
    return str(data["id"])


def put_state(host: FakeHost, project: str = PROJECT, **state: Any) -> None:
    """Lay down what the scheduled backups noted."""
    host.texts[f"{FOLDER}/{project}.state"] = json.dumps(state)
