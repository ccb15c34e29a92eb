"""One lock for the host's command line and the container: each waits for the other, and names it."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from pathlib import Path

import pytest
from llmchat_archive.errors import ArchiveError
from llmchat_archive.lock import Busy, Lock

from llmchat_deploy.errors import LockHeld
from llmchat_deploy.host.lock import held_lock


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "lock"
    path.touch()
    return path


def test_the_host_is_refused_while_a_backup_runs_and_says_what_runs(file: Path) -> None:
    with (
        Lock(file, "container chat-backup").held("scheduled backup"),
        pytest.raises(LockHeld, match="backup on container chat-backup runs 'scheduled backup' since"),
        held_lock(file, reason="up", project="chat"),
    ):
        pass


def test_a_backup_is_refused_while_the_host_works_and_says_at_what(file: Path) -> None:
    with (
        held_lock(file, reason="up", project="chat"),
        pytest.raises(Busy, match="with 'up' since"),
        Lock(file, "container").held("scheduled backup"),
    ):
        pass


def test_a_patient_backup_gets_the_lock_when_the_host_is_done(file: Path) -> None:
    host = held_lock(file, reason="up", project="chat")
    host.__enter__()

    def host_ends(_: float) -> None:
        host.__exit__(None, None, None)

    with Lock(file, "container", sleep=host_ends).held("scheduled backup", patience=60):
        assert json.loads(file.read_bytes())["reason"] == "scheduled backup"
    assert file.read_bytes() == b""


def test_a_lock_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="can't be opened"), Lock(tmp_path / "none", "container").held("x"):
        pass

    assert not (tmp_path / "none").exists()


def test_a_lock_on_a_full_disk_holds_though_nobody_can_read_whose_it_is(file: Path, monkeypatch) -> None:
    monkeypatch.setattr(os, "pwrite", refuses(errno.ENOSPC))
    with (
        Lock(file, "container").held("scheduled backup"),
        pytest.raises(Busy, match="another command"),
        Lock(file, "host").held("up"),
    ):
        pass


def test_a_file_system_without_locks_is_told(file: Path, monkeypatch) -> None:
    monkeypatch.setattr(fcntl, "flock", refuses(errno.ENOLCK))
    with pytest.raises(ArchiveError, match="can't be taken") as raised, Lock(file, "container").held("backup"):
        pass
    assert raised.value.code == "write_failed"


def refuses(number: int):
    def refuse(*_arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    return refuse
