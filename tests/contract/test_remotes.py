"""What every remote promises, against a real SSH server and a real object store; and what broken ones lead to."""

from __future__ import annotations

import hashlib
import itertools
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from llmchat_archive.errors import ArchiveError
from llmchat_archive.remotes.base import (
    MIB,
    Expected,
    Limits,
    Stored,
    confirm,
    fetch,
    open_remote,
    read_small,
)

from tests.contract.broken import Silent, Store
from tests.contract.peers import SECRET_KEY, S3Server, SshServer

LIMITS = Limits(connect=5, silence=5, request=20, retries=1, chunk=5 * MIB)
IMPATIENT = Limits(connect=0.5, silence=0.5, request=0.5, retries=0)
LARGE = 17 * MIB + 3
"""Four parts of an upload in parts, the last one odd."""

NUMBERS = itertools.count()


def unheard(_: int) -> None:
    pass


@pytest.fixture(params=["s3", "sftp"])
def settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    server: S3Server | SshServer = request.getfixturevalue({"s3": "s3_server", "sftp": "ssh_server"}[request.param])
    own = f"test{next(NUMBERS)}"  # tests list what is there
    settings = server.settings()
    return {**settings, "prefix": own, "path": f"{settings.get('path')}/{own}"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(os.urandom(LARGE))
    return path


def expected(path: Path) -> Expected:
    return Expected(path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())


def test_a_file_goes_there_is_confirmed_comes_back_and_can_be_removed(
    settings: dict[str, Any], file: Path, tmp_path: Path
) -> None:
    moved: list[int] = []
    with open_remote("elsewhere", settings, LIMITS) as remote:
        remote.put(file, "chat-1.tar.zst", moved.append)
        confirm(remote, "chat-1.tar.zst", expected(file), moved.append)

        assert Stored("chat-1.tar.zst", LARGE) in remote.list()
        fetch(remote, "chat-1.tar.zst", tmp_path / "back", expected(file), unheard)
        remote.remove("chat-1.tar.zst")
        remote.remove("chat-1.tar.zst")

        assert remote.size("chat-1.tar.zst") is None
        assert remote.list() == []
    assert sum(moved) == 2 * LARGE
    assert (tmp_path / "back").read_bytes() == file.read_bytes()


def test_a_file_is_replaced_by_another_of_its_name(settings: dict[str, Any], tmp_path: Path) -> None:
    note = tmp_path / "note"
    with open_remote("elsewhere", settings, LIMITS) as remote:
        for text in ("first", "the second"):
            note.write_text(text)
            remote.put(note, "chat-2.json", unheard)

            assert read_small(remote, "chat-2.json", 1000) == text.encode()
        with pytest.raises(ArchiveError, match="more than a sidecar"):
            read_small(remote, "chat-2.json", 5)
        remote.remove("chat-2.json")


def test_an_empty_file_is_stored_and_confirmed(settings: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with open_remote("elsewhere", settings, LIMITS) as remote:
        remote.put(tmp_path / "empty", "empty", unheard)
        confirm(remote, "empty", expected(tmp_path / "empty"), unheard)
        remote.remove("empty")


def test_what_is_not_there_is_said_to_be_absent(settings: dict[str, Any], tmp_path: Path) -> None:
    with open_remote("elsewhere", settings, LIMITS) as remote, pytest.raises(ArchiveError) as missing:
        fetch(remote, "chat-9.tar.zst", tmp_path / "back", Expected(1, "0"), unheard)

    assert missing.value.code == "not_found"
    assert not (tmp_path / "back").exists()


def test_other_content_is_refused_and_not_left_behind(settings: dict[str, Any], file: Path, tmp_path: Path) -> None:
    wrong = Expected(LARGE, "0" * 64)
    with open_remote("elsewhere", settings, LIMITS) as remote:
        remote.put(file, "chat-3.tar.zst", unheard)
        with pytest.raises(ArchiveError, match="is not what was sent"):
            confirm(remote, "chat-3.tar.zst", wrong, unheard)
        with pytest.raises(ArchiveError, match="is not what was sent"):
            fetch(remote, "chat-3.tar.zst", tmp_path / "back", wrong, unheard)
        with pytest.raises(ArchiveError, match=f"{LARGE} of {LARGE + 1} bytes"):
            confirm(remote, "chat-3.tar.zst", replace(wrong, bytes=LARGE + 1), unheard)
        remote.remove("chat-3.tar.zst")

    assert not (tmp_path / "back").exists()


def test_an_upload_that_is_stopped_leaves_nothing_under_its_name(settings: dict[str, Any], file: Path) -> None:
    class Stopped(Exception):
        pass

    def stop(_: int) -> None:
        raise Stopped

    with open_remote("elsewhere", settings, LIMITS) as remote:
        with pytest.raises((Stopped, ArchiveError)):
            remote.put(file, "chat-4.tar.zst", stop)

        assert remote.size("chat-4.tar.zst") is None
        assert remote.list() == []


def test_a_wrong_secret_is_told_without_the_secret(s3_server: S3Server, file: Path) -> None:
    settings = {**s3_server.settings(), "secret_key": SECRET_KEY[::-1]}
    with open_remote("elsewhere", settings, LIMITS) as remote, pytest.raises(ArchiveError) as refused:
        remote.put(file, "chat-5.tar.zst", unheard)

    assert "SignatureDoesNotMatch" in str(refused.value)
    assert SECRET_KEY[::-1] not in str(refused.value)


def test_another_machine_in_place_of_the_known_one_gets_nothing(ssh_server: SshServer, tmp_path: Path) -> None:
    with SshServer(tmp_path / "other") as other:
        settings = {**ssh_server.settings(), "port": other.port, "private_key": other.private_key}

        with pytest.raises(ArchiveError, match="host key is another one"), open_remote("elsewhere", settings, LIMITS):
            pass


def test_a_user_without_the_key_is_refused(ssh_server: SshServer, tmp_path: Path) -> None:
    stranger = SshServer(tmp_path / "stranger").private_key
    settings = {**ssh_server.settings(), "private_key": stranger}

    with pytest.raises(ArchiveError, match="refuses the user") as refused, open_remote("elsewhere", settings, LIMITS):
        pass
    assert stranger not in str(refused.value)


def silent_settings(kind: str, port: int) -> dict[str, Any]:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFCHY1RqfPObfTLoeQKu2BKXgF0Tkj3sFeQpOvw6rFHr"
    common: dict[str, Any] = {"kind": kind, "host": "127.0.0.1", "port": port, "user": "u", "host_key": key}
    return {
        **common,
        "endpoint": f"http://127.0.0.1:{port}",
        "bucket": "b",
        "access_key": "AKIANOBODY",
        "secret_key": "nobodys",
    }


@pytest.mark.parametrize("kind", ["s3", "sftp"])
def test_a_remote_that_never_answers_fails_within_its_limits(kind: str, file: Path) -> None:
    with Silent() as server:
        begun = time.monotonic()
        with (
            pytest.raises(ArchiveError) as failed,
            open_remote("elsewhere", silent_settings(kind, server.port), IMPATIENT) as remote,
        ):
            remote.put(file, "chat-6.tar.zst", unheard)

        assert failed.value.code == "remote_failed"
        assert time.monotonic() - begun < 30


@pytest.mark.parametrize("kind", ["s3", "sftp"])
def test_a_remote_that_is_not_there_is_named(kind: str, tmp_path: Path) -> None:
    with Silent() as server:
        gone = server.port
    (tmp_path / "small").write_text("x")

    with (
        pytest.raises(ArchiveError, match="remote 'elsewhere' failed"),
        open_remote("elsewhere", silent_settings(kind, gone), IMPATIENT) as remote,
    ):
        remote.put(tmp_path / "small", "small", unheard)


def test_errors_of_a_store_are_tried_again_and_then_told(tmp_path: Path) -> None:
    (tmp_path / "small").write_text("x")
    with Store("answers_500") as store:
        limits = Limits(connect=1, request=5, retries=2)
        with open_remote("elsewhere", silent_settings("s3", store.port), limits) as remote:
            with pytest.raises(ArchiveError, match="500 Internal Server Error"):
                remote.put(tmp_path / "small", "small", unheard)

            assert store.asked == ["PUT"] * 3


@pytest.mark.parametrize(
    ("fault", "message"), [("stores_short", "2 of 5 bytes"), ("flips_a_bit", "not what was sent"), ("", "")]
)
def test_a_store_that_says_yes_and_keeps_something_else_is_found_out(fault: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "small").write_text("hello")
    with Store(fault) as store, open_remote("elsewhere", silent_settings("s3", store.port), LIMITS) as remote:
        remote.put(tmp_path / "small", "small", unheard)
        if not fault:
            confirm(remote, "small", expected(tmp_path / "small"), unheard)
            return

        with pytest.raises(ArchiveError, match=message):
            confirm(remote, "small", expected(tmp_path / "small"), unheard)
