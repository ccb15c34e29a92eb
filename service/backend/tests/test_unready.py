"""A service whose data folder can't be used isn't ready, and says why."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from llmchat_backend.api import health
from llmchat_backend.db.engine import Database, open_database
from llmchat_backend.services import Services

pytestmark = pytest.mark.sqlite


def asked(database: Database, folder: Path) -> tuple[int, dict[str, Any]]:
    services = SimpleNamespace(database=database, settings=SimpleNamespace(data_dir=folder))
    answer = asyncio.run(health.ready(cast("Services", services)))
    return answer.status_code, json.loads(bytes(answer.body))["checks"]


def test_a_full_disk(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(database, tmp_path)[0] == 200
    monkeypatch.setattr(health, "_MIN_FREE_BYTES", 2**62)  # more than there is
    status, checks = asked(database, tmp_path)
    assert (status, checks["database"], checks["disk"]) == (503, "ok", "the disk is full")


def test_a_folder_that_is_not_there(database: Database, tmp_path: Path) -> None:
    status, checks = asked(database, tmp_path / "gone")
    assert (status, checks["disk"]) == (503, "the data folder can't be written")


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "llmchat.db").write_bytes(b"no database" * 1000)
    broken = open_database(tmp_path / "llmchat.db")
    status, checks = asked(broken, tmp_path)
    broken.close()
    assert status == 503
    assert checks["database"] == "can't be read (DatabaseError)"
    assert checks["disk"] == "unknown"
