"""This machine, with real files, processes, sockets and a disk that is really full."""

from __future__ import annotations

import contextlib
import http.server
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmchat_deploy.errors import DiskFull, HostError, PrerequisiteError
from llmchat_deploy.host.local import PASSWORD_ALPHABET, LocalHost
from llmchat_deploy.secret import Secret


@pytest.fixture
def host(tmp_path: Path) -> LocalHost:
    return LocalHost(tmp_path / "project", "llmchat-test", state_root=tmp_path / "state")


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KB."""
    place = tmp_path / "tiny"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place], capture_output=True).returncode:  # noqa: PLW1510
        pytest.skip("mounting needs root")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def mode(path: str | Path) -> int:
    return Path(path).stat().st_mode & 0o7777


def test_state_is_written_and_read_back(host):
    host.write_state("releases/r/x.yaml", "中文 $x\n")

    assert host.read_state("releases/r/x.yaml") == "中文 $x\n"
    assert mode(host.state_path("releases/r/x.yaml")) == 0o640
    assert host.read_state("nothing") is None
    assert host.state_path("a/b").endswith("/state/llmchat-test/a/b")


def test_a_mode_is_the_one_asked_for_whatever_the_umask(host):
    before = os.umask(0o077)
    try:
        host.write_state("a", "x", mode=0o644)
    finally:
        os.umask(before)

    assert mode(host.state_path("a")) == 0o644


def test_nothing_is_left_beside_a_written_file(host):
    host.write_state("a", "1")
    host.write_state("a", "2")

    assert names(Path(host.state_path("a")).parent) == ["a"]


def test_the_new_file_is_on_the_disk_before_it_takes_the_old_one_s_place(host, monkeypatch):
    done: list[str] = []
    sync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (done.append(f"sync {_kind(handle)}"), sync(handle))[1])
    monkeypatch.setattr(Path, "replace", lambda self, to: (done.append("replace"), replace(self, to))[1])

    host.write_state("a", "x")

    assert done == ["sync file", "replace", "sync folder"]


def _kind(handle: int) -> str:
    return "folder" if Path(f"/proc/self/fd/{handle}").resolve().is_dir() else "file"


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tiny_disk):
    host = LocalHost(tiny_disk, "p", state_root=tiny_disk)
    host.write_state("current.json", "old")

    with pytest.raises(DiskFull) as error:
        host.write_state("current.json", "x" * 100_000)

    assert error.value.message == f"The disk that holds {tiny_disk}/p/current.json is full."
    assert error.value.hint == f"Look: df -h {tiny_disk}/p"
    assert error.value.exit_code == 4
    assert host.read_state("current.json") == "old"
    assert names(tiny_disk / "p") == ["current.json"]


def test_a_full_disk_is_named_when_the_lock_is_taken(tiny_disk):
    host = LocalHost(tiny_disk, "p", state_root=tiny_disk)
    host.write_state("a", "x")
    with contextlib.suppress(OSError):
        (tiny_disk / "filler").write_bytes(b"x" * 100_000)

    with pytest.raises(DiskFull), host.lock("up"):
        pass


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "state").write_text("a file, not a folder")
    host = LocalHost(tmp_path, "p", state_root=tmp_path / "state")

    with pytest.raises(HostError, match=r"state/p/a can't be written: Not a directory"):
        host.write_state("a", "x")
    with pytest.raises(HostError, match=r"state/p can't be written: "), host.lock("up"):
        pass
    with pytest.raises(HostError, match=r"can't be read: Not a directory"):
        host.read_state("a")


def test_a_state_file_that_is_no_text_is_named(host):
    host.write_state("current.json", "x")
    Path(host.state_path("current.json")).write_bytes(b"\xff\xfe\x00")

    with pytest.raises(HostError, match=r"current\.json can't be read: it is not text"):
        host.read_state("current.json")


def test_files_and_folders_of_the_state_are_removed(host):
    host.write_state("a/b", "x")
    host.write_state("c", "x")
    for name in ("a", "c", "nothing"):
        host.remove_state(name)

    assert (host.read_state("a/b"), host.read_state("c")) == (None, None)


def test_generated_secrets_go_into_the_env_file_of_their_owner(host, tmp_path):
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / ".env.test").write_text("SERVER_IP=1.2.3.4\n")

    host.append_secrets("test", {"SECRET_KEY": Secret("s3cret$#'\"")})

    assert mode(tmp_path / "project" / ".env.test") == 0o600
    assert "SERVER_IP=1.2.3.4" in (tmp_path / "project" / ".env.test").read_text()


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(int(self.path[1:]))
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@contextlib.contextmanager
def answering() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("status", [200, 404, 503])
def test_the_status_of_an_address(host, status):
    with answering() as url:
        assert host.get(f"{url}/{status}", timeout=5) == status


def test_an_address_is_asked_directly_whatever_the_proxy(host, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with answering() as url:
        assert host.get(f"{url}/200", timeout=5) == 200


@pytest.mark.parametrize("said", [b"SSH-2.0-OpenSSH\r\n", b"", b"\x00\xff" * 70_000])
def test_what_is_not_http_is_no_answer(host, said):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with contextlib.suppress(OSError), server.accept()[0] as client:
                client.recv(100)
                client.sendall(said)

        threading.Thread(target=answer, daemon=True).start()
        assert host.get(f"http://127.0.0.1:{server.getsockname()[1]}/", timeout=5) == 0


def test_nothing_there_and_a_wrong_address_are_no_answer(host):
    assert host.get("http://127.0.0.1:9/", timeout=1) == 0
    assert host.get("nonsense", timeout=1) == 0


def test_the_bundle_for_builds(host, tmp_path, monkeypatch):
    (tmp_path / "project" / "certs").mkdir(parents=True)
    own = tmp_path / "project" / "certs" / "ca.pem"
    own.write_text("x")

    assert host.ca_bundle("certs/ca.pem") == str(own.resolve())
    assert host.ca_bundle("") is None
    monkeypatch.setenv("SSL_CERT_FILE", str(own))
    assert host.ca_bundle("auto") == str(own)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nothing"))
    assert host.ca_bundle("auto") is None
    with pytest.raises(PrerequisiteError, match=r"The CA bundle certs/none.pem \(build.ca_bundle\) is not a file"):
        host.ca_bundle("certs/none.pem")


def test_free_space_is_that_of_the_nearest_folder_that_is_there(host, tiny_disk):
    assert 0 < host.free_bytes(str(tiny_disk / "not" / "there" / "yet")) <= 65536


def test_passwords_are_long_and_never_the_same(host):
    passwords = {host.new_password().reveal() for _ in range(100)}

    assert len(passwords) == 100
    assert {len(password) for password in passwords} == {20}
    assert not set("".join(passwords)) - set(PASSWORD_ALPHABET)
    assert not set("lIO01") & set(PASSWORD_ALPHABET)


def test_a_folder_can_be_entered_by_the_group_whatever_the_umask(host, tmp_path):
    before = os.umask(0o077)
    try:
        host.make_folder(str(tmp_path / "backups"))
    finally:
        os.umask(before)

    assert host.folder_owner(str(tmp_path / "backups"))[2] == 0o750
