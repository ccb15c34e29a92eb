"""One operation at a time, across real processes; nothing stale survives its holder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from llmchat_deploy.errors import HostError, LockHeld
from llmchat_deploy.host.local import LocalHost
from llmchat_deploy.host.lock import held_lock, share
from tests.paths import PYTHONPATH

HOLD = """\
import sys, pathlib
from llmchat_deploy.host.local import LocalHost
folder = pathlib.Path(sys.argv[1])
with LocalHost(folder, "llmchat-test", state_root=folder).lock("up"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def host(tmp_path: Path) -> LocalHost:
    return LocalHost(tmp_path, "llmchat-test", state_root=tmp_path)


@pytest.fixture
def holder(tmp_path: Path):
    env = {**os.environ, "PYTHONPATH": PYTHONPATH}
    argv = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_another_process_is_named(host, holder):
    with pytest.raises(LockHeld) as error, host.lock("down"):
        pass

    message = error.value.message
    assert message.startswith("llmchat-test is being worked on: ")
    assert "runs 'up' since 20" in message
    assert f"(process {holder.pid})" in message
    assert error.value.exit_code == 7


def test_a_killed_holder_holds_nothing(host, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()

    with host.lock("up"):
        pass


def test_the_holder_that_ends_lets_the_next_one_in(host, holder):
    holder.communicate(b"")

    with host.lock("up"):
        pass


def test_the_lock_is_free_again_and_names_nobody_after_a_failure(host):
    with pytest.raises(ZeroDivisionError), host.lock("up"):
        _ = 1 / 0

    assert Path(host.state_path("lock")).read_bytes() == b""
    with host.lock("up"):
        assert json.loads(Path(host.state_path("lock")).read_text())["pid"] == os.getpid()


def test_the_same_process_is_refused_too(host):
    with host.lock("up"), pytest.raises(LockHeld), host.lock("down"):
        pass


@pytest.mark.parametrize("text", ["", "[]", "{}", "nonsense", "7"])
def test_a_holder_that_has_not_written_its_name_yet(host, holder, text):
    Path(host.state_path("lock")).write_text(text)

    with pytest.raises(LockHeld, match="another command holds its lock"), host.lock("up"):
        pass


def test_two_environments_do_not_wait_for_each_other(host, tmp_path):
    with host.lock("up"), LocalHost(tmp_path, "llmchat-other", state_root=tmp_path).lock("up"):
        pass


def test_a_shared_lock_can_be_taken_by_another_user_and_stays_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    share(path)
    inode = path.stat().st_ino
    with held_lock(path, reason="up", project="p"):
        share(path)
    assert (path.stat().st_mode & 0o777, path.stat().st_ino) == (0o666, inode)


def test_a_lock_that_cannot_be_shared_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(HostError, match="can't be written"):
        share(tmp_path / "nowhere" / "lock")


def test_whoever_looks_sees_the_living_holder(host, holder):
    seen = host.lock_state()

    assert (seen.held, seen.here, seen.alive) == (True, True, True)
    assert (seen.holder.pid, seen.holder.reason) == (holder.pid, "up")


def test_what_a_killed_holder_left_is_seen_as_left(host, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()

    seen = host.lock_state()
    assert (seen.held, seen.here, seen.alive) == (False, True, False)
    assert seen.holder.pid == holder.pid


def test_a_process_with_the_number_of_a_dead_holder_is_not_taken_for_it(host):
    holder = {"who": "x", "host": host.name(), "pid": os.getpid(), "since": "2026-01-01", "reason": "up"}
    with host.lock("up"):
        pass
    Path(host.state_path("lock")).write_text(json.dumps(holder))

    assert host.lock_state().alive is False


def test_looking_at_a_lock_that_was_never_taken_makes_no_file(host):
    assert host.lock_state().held is False
    assert not Path(host.state_path("lock")).exists()


def test_a_holder_that_is_interrupted_lets_go(host, holder):
    host.interrupt(holder.pid)
    holder.wait(timeout=10)

    assert host.lock_state().held is False


def test_behind_sudo_both_are_named(host, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "wang")
    monkeypatch.setenv("LOGNAME", "root")

    assert host.user() == "wang as root"
