"""A scheduled backup from beginning to end: a real process, a real database, a real remote, a real listener."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from llmchat_archive.store import Store

from tests.contract.listener import Listener
from tests.contract.peers import SECRET_KEY, S3Server, SshServer

TOKEN = "token-of-the-webhook"


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as listener:
        yield listener


@pytest.fixture
def settings(tmp_path: Path, listener: Listener, s3_server: S3Server, ssh_server: SshServer) -> dict[str, Any]:
    for name in ("data", "backups", "scratch"):
        (tmp_path / name).mkdir()
    (tmp_path / "lock").touch()
    (tmp_path / "data" / "attachments").mkdir()
    (tmp_path / "data" / "attachments" / "cat.png").write_bytes(os.urandom(1000))
    with sqlite3.connect(tmp_path / "data" / "llmchat.db") as database:
        database.execute("CREATE TABLE messages (text TEXT)")
        database.executemany("INSERT INTO messages VALUES (?)", [("hello",)] * 1000)
    database.close()
    return {
        "project": "chat-scheduled",
        "environment": "production",
        "recipients": [],
        "release": None,
        "config": None,
        "versions": {"tool": "0", "image": "none"},
        "schedule": "every 6h",
        "timezone": "Asia/Shanghai",
        "drill_every": 0,
        "policy": {"last": 1},
        "webhook": f"{listener.url}/{TOKEN}",
        "ping": f"{listener.url}/ping",
        "remotes": {"bucket": s3_server.settings(), "cellar": ssh_server.settings()},
        "data": str(tmp_path / "data"),
        "database": "llmchat.db",
        "backups": str(tmp_path / "backups"),
        "scratch": str(tmp_path / "scratch"),
        "lock": str(tmp_path / "lock"),
    }


def serve(settings: dict[str, Any], listener: Listener, tmp_path: Path) -> str:
    """Run the scheduler until a run has ended, and return its log."""
    (tmp_path / "backup.json").write_text(json.dumps(settings))
    program = "from llmchat_archive.cli import program; program()"
    listener.done.clear()
    with subprocess.Popen(
        (sys.executable, "-c", program, "serve", "--config", str(tmp_path / "backup.json")),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as process:
        try:
            ended = listener.done.wait(60)
            assert health(tmp_path) == 0
        finally:
            process.send_signal(signal.SIGTERM)
            log, _ = process.communicate(timeout=20)
    assert ended, log
    assert process.returncode == 0, log
    return log


def health(tmp_path: Path) -> int:
    program = "import sys; from llmchat_archive.cli import main; sys.exit(main(['health']))"
    return subprocess.call((sys.executable, "-c", program), env={**os.environ, "TMPDIR": str(tmp_path)})


def test_without_a_scheduler_it_is_not_healthy(tmp_path: Path) -> None:
    assert health(tmp_path) == 1


def test_a_backup_is_made_copied_told_and_found_again(
    settings: dict[str, Any], listener: Listener, tmp_path: Path
) -> None:
    log = serve(settings, listener, tmp_path)

    [sidecar] = Store(tmp_path / "backups", "chat-scheduled").sidecars()
    assert sidecar.verified_at
    assert {name: state["state"] for name, state in sidecar.remotes.items()} == {
        "bucket": "confirmed",
        "cellar": "confirmed",
    }
    assert [path for path, _ in listener.heard] == ["/ping/start", f"/{TOKEN}", "/ping"]
    told = json.loads(listener.heard[1][1])
    assert (told["event"], told["id"]) == ("backup_succeeded", sidecar.id)
    assert told["remotes"] == {"bucket": "confirmed", "cellar": "confirmed"}
    assert f"Backup {sidecar.id} made and verified" in log
    assert list((tmp_path / "scratch").iterdir()) == []
    assert (tmp_path / "lock").read_text() == ""


def test_a_remote_that_is_down_is_told_and_nothing_is_said_that_is_secret(
    settings: dict[str, Any], listener: Listener, tmp_path: Path
) -> None:
    settings["remotes"]["bucket"] |= {"endpoint": "http://127.0.0.1:9", "secret_key": SECRET_KEY}

    log = serve(settings, listener, tmp_path)

    assert [path for path, _ in listener.heard] == ["/ping/start", f"/{TOKEN}", "/ping/fail"]
    told = json.loads(listener.heard[1][1])
    assert (told["event"], told["code"]) == ("backup_failed", "remote_failed")
    [sidecar] = Store(tmp_path / "backups", "chat-scheduled").sidecars()
    assert sidecar.remotes["cellar"]["state"] == "confirmed"
    assert sidecar.remotes["bucket"]["state"] == "failed"
    said = log + str(listener.heard[1:]) + (tmp_path / "backups" / "chat-scheduled.state").read_text()
    assert all(secret not in said for secret in (SECRET_KEY, settings["remotes"]["cellar"]["private_key"]))
    assert TOKEN not in log
