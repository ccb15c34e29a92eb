"""``lock status`` and ``lock release``: who is there, and nobody is ended who can't be seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from llmchat_deploy.errors import LockHeld
from llmchat_deploy.host.base import LockHolder
from llmchat_deploy.operations.lock import release, status
from tests.fakes import FakeHost
from tests.unit.world import an_environment

ENVIRONMENT = an_environment()
HOLDER = LockHolder(who="wang", host="chat-server", pid=4711, since="2026-11-25T10:00:00+00:00", reason="up")
SCHEDULED = replace(HOLDER, who="backup", host="container llmchat-test-backup", reason="backup")


def test_a_lock_that_nobody_holds_is_free() -> None:
    data = status(ENVIRONMENT, FakeHost()).data

    assert (data.state, data.holder, data.explanation) == ("free", None, "Nobody works on test.")


def test_a_holder_is_named_with_whether_it_lives() -> None:
    data = status(ENVIRONMENT, FakeHost(held_by=HOLDER)).data

    assert (data.state, data.holder, data.alive) == ("held", HOLDER, True)
    assert "lock release --env test" in data.next_steps[-1]


def test_what_a_dead_holder_left_is_said_to_keep_nobody_out() -> None:
    data = status(ENVIRONMENT, FakeHost(held_by=HOLDER, lock_is_left=True)).data

    assert data.state == "left"
    assert "keeps nobody out" in data.explanation
    assert data.next_steps == ("Finish it: llmchat-deploy up --env test",)


def test_what_was_being_taken_down_is_not_said_to_be_finished_by_what_brings_it_up() -> None:
    host = FakeHost(held_by=replace(HOLDER, reason="down --volumes"), lock_is_left=True)

    assert status(ENVIRONMENT, host).data.next_steps == ("Finish it: llmchat-deploy down --volumes --env test",)


def test_a_living_holder_is_interrupted_and_its_command_named() -> None:
    host = FakeHost(held_by=HOLDER)

    data = release(ENVIRONMENT, host, agreed=HOLDER).data

    assert host.interrupted == [4711]
    assert (data.state, data.released) == ("free", True)
    assert data.next_steps == ("Finish what it began: llmchat-deploy up --env test",)


def test_one_that_does_not_stop_is_told_with_how_to_kill_it() -> None:
    with pytest.raises(LockHeld, match="still holds the lock after 30 s") as error:
        release(ENVIRONMENT, FakeHost(held_by=HOLDER, stubborn=True), agreed=HOLDER)

    assert "kill -9 4711" in error.value.hint


def test_a_free_lock_is_not_released_again() -> None:
    host = FakeHost()

    assert release(ENVIRONMENT, host, agreed=None).data.released is False
    assert host.interrupted == []


def test_only_the_holder_that_was_agreed_on_is_interrupted() -> None:
    host = FakeHost(held_by=replace(HOLDER, pid=4712))

    with pytest.raises(LockHeld, match="Somebody else"):
        release(ENVIRONMENT, host, agreed=HOLDER)
    assert host.interrupted == []


@pytest.mark.parametrize(
    ("holder", "alive", "hint"),
    [
        (SCHEDULED, None, "docker restart llmchat-test-backup"),
        (replace(HOLDER, host="elsewhere"), None, "process 4711 on elsewhere"),
        (HOLDER, None, "sudo ps -p 4711"),
        (HOLDER, False, "sudo ps -p 4711"),
    ],
    ids=["in a container", "on another machine", "another user's", "unseen"],
)
def test_whom_this_user_cannot_see_is_never_interrupted(holder: LockHolder, alive: bool | None, hint: str) -> None:  # noqa: FBT001
    host = FakeHost(held_by=holder, lock_alive=alive)

    with pytest.raises(LockHeld) as error:
        release(ENVIRONMENT, host, agreed=holder)
    assert hint in error.value.hint
    assert host.interrupted == []
