from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmchat_deploy.errors import HostError
from llmchat_deploy.host.local import LocalHost
from llmchat_deploy.host.state_folder import owner_hint, state_folder

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")


@pytest.fixture
def of_root(tmp_path: Path) -> Iterator[Path]:
    """A shared state folder with the records of ``llmchat-x``, and a process that is nobody."""
    folder = tmp_path / "shared" / "llmchat-x"
    folder.mkdir(parents=True)
    folder.chmod(0o700)
    (folder / "current.json").write_text("{}", encoding="utf-8")
    for place in (tmp_path, *tmp_path.parents):
        if place.stat().st_mode & 0o001 == 0 and place.is_relative_to(Path("/tmp")):
            place.chmod(0o755)
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    yield tmp_path / "shared"
    os.seteuid(0)
    os.setegid(0)


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LLMCHAT_STATE_DIR", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "own"))


def test_a_folder_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LLMCHAT_STATE_DIR", str(tmp_path))
    assert state_folder("llmchat-x") == tmp_path / "llmchat-x"


def test_root_uses_the_shared_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert state_folder("llmchat-x") == Path("/var/lib/llmchat-deploy/llmchat-x")


def test_others_use_their_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    nothing = tmp_path / "nothing"
    assert state_folder("llmchat-x", shared=nothing) == tmp_path / "own" / "llmchat-deploy" / "llmchat-x"
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert state_folder("llmchat-x", shared=nothing) == tmp_path / ".local/state/llmchat-deploy/llmchat-x"


def test_a_user_without_a_home_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.delenv("HOME")
    with pytest.raises(HostError, match="no home") as caught:
        state_folder("llmchat-x", shared=tmp_path / "nothing")
    assert "LLMCHAT_STATE_DIR" in caught.value.hint


@as_root
def test_what_root_deployed_is_not_taken_for_never_deployed(of_root: Path, tmp_path: Path) -> None:
    assert state_folder("llmchat-x", shared=of_root) == of_root / "llmchat-x"
    assert state_folder("llmchat-y", shared=of_root) == tmp_path / "own" / "llmchat-deploy" / "llmchat-y"


@as_root
def test_another_users_records_are_refused_with_whose_they_are(of_root: Path, tmp_path: Path) -> None:
    host = LocalHost(tmp_path, "llmchat-x", state_root=of_root)
    for act in (
        lambda: host.read_state("current.json"),
        lambda: host.write_state("current.json", ""),
        lambda: host.remove_state("current.json"),
        lambda: host.lock("up").__enter__(),
    ):
        with pytest.raises(HostError) as caught:
            act()
        assert "belongs to root: run as that user, or with sudo." in caught.value.hint


def test_ones_own_place_is_to_be_looked_at(tmp_path: Path) -> None:
    assert owner_hint(tmp_path / "gone") == f"Look at it: ls -ld {tmp_path / 'gone'}"
