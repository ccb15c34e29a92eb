"""``lock`` as it is typed."""

from __future__ import annotations

import pytest

from llmchat_deploy.host.base import LockHolder
from tests.cli.conftest import FakeWorld, Run
from tests.fakes import FakeHost

HOLDER = LockHolder(who="wang", host="chat-server", pid=4711, since="2026-11-25T10:00:00+00:00", reason="up")


@pytest.fixture
def host(world: FakeWorld) -> FakeHost:
    host = world.host("llmchat-production")
    host.held_by = HOLDER
    return host


def test_status_tells_who_since_when_and_what_to_do(host: FakeHost, run: Run) -> None:
    ran = run("lock", "status", "--env", "production")

    assert ran.code == 0
    assert "wang on chat-server runs 'up'." in ran.out
    assert "2026-11-25 10:00:00 UTC" in ran.out
    assert "4711, lives" in ran.out


def test_status_as_json(host: FakeHost, run: Run) -> None:
    data = run("lock", "status", "--env", "production", "--json").document["data"]

    assert (data["state"], data["alive"], data["holder"]["pid"]) == ("held", True, 4711)


def test_a_free_lock(run: Run) -> None:
    assert "Nobody works on production." in run("lock", "status", "--env", "production").out
    assert run("lock", "release", "--env", "production").code == 0


def test_nobody_is_interrupted_unasked(host: FakeHost, run: Run) -> None:
    ran = run("lock", "release", "--env", "production")

    assert (ran.code, host.interrupted) == (6, [])
    assert "Add --yes" in ran.err


def test_a_no_interrupts_nobody(world: FakeWorld, host: FakeHost, run: Run) -> None:
    world.interactive, world.answers = True, ["n"]

    assert run("lock", "release", "--env", "production").code == 6
    assert "Interrupt 'up', which wang runs" in world.questions[0]
    assert host.interrupted == []


def test_a_yes_interrupts_and_names_the_command_that_finishes(host: FakeHost, run: Run) -> None:
    ran = run("lock", "release", "--env", "production", "--yes")

    assert (ran.code, host.interrupted) == (0, [4711])
    assert "llmchat-deploy up --env production" in ran.out


def test_another_command_is_told_who_and_where_to_look(host: FakeHost, run: Run) -> None:
    ran = run("up", "--env", "production", "--yes")

    assert ran.code == 7
    assert "wang" in ran.err
