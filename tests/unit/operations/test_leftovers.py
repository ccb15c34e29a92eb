"""What a release has replaced goes when nobody uses it any more, and nobody stands in line for that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from llmchat_deploy.engine.base import ExecResult
from llmchat_deploy.errors import LockHeld
from llmchat_deploy.host.base import LockHolder
from llmchat_deploy.operations import up
from tests.unit.world import SHIPPED, World, an_environment

BEFORE, AFTER = an_environment(), an_environment(auth__token_minutes=60)
STAT = "# pxname,svname,scur\nbackend,a,{}\n"
SOMEBODY = LockHolder("ann", "server", 7, "2026-01-01T00:00:00Z", "backup")


@pytest.fixture
def world() -> World:
    world = World()
    world.up(BEFORE)
    world.rewind()
    return world


def open_answers(world: World, count: Callable[[], int]) -> None:
    """Let the edge tell of open answers in slot a, each time it is asked."""

    def stat(_name: str, _argv: tuple[str, ...], stdin: bytes) -> ExecResult | None:
        return ExecResult(0, STAT.format(count()), "") if stdin == b"show stat\n" else None

    world.engine.answers.append(stat)


def run(world: World, **options: bool) -> up.UpData:
    parts = (AFTER, SHIPPED, world.host, world.engine)
    asked = up.UpOptions(**options)
    return up.apply(up.plan(*parts, asked), *parts, world.events.append, asked).data


def backends(world: World) -> list[str]:
    return sorted(box.slot for box in world.engine.boxes.values() if box.service == "backend")


def test_the_lock_is_free_and_the_release_recorded_while_open_answers_are_waited_for(world):
    seen: list[tuple[bool, bool]] = []

    def count() -> int:
        release = up.plan(AFTER, SHIPPED, world.host, world.engine).release
        seen.append((world.host.locked, release in world.host.state["current.json"]))
        return 3 - len(seen) if len(seen) < 3 else 0

    open_answers(world, count)
    data = run(world)

    assert (False, True) in seen
    assert [locked for locked, _ in seen[:3]] == [False] * 3
    assert data.draining == ()
    assert backends(world) == ["b"]
    assert not world.host.locked


def test_who_interrupts_the_wait_leaves_the_slot_to_the_next_run(world):
    def interrupted() -> int:
        raise KeyboardInterrupt

    open_answers(world, interrupted)
    data = run(world)

    assert data.draining == ("backend (slot a)",)
    assert backends(world) == ["a", "b"]
    assert world.engine.serving.backend == "b"
    world.engine.answers.clear()
    assert run(world).draining == ()
    assert backends(world) == ["b"]


def test_an_answer_that_does_not_end_is_cut_when_its_time_is_over_and_only_then(world):
    open_answers(world, lambda: 1)
    began = world.host.clock
    given: list[int] = []
    remove = world.engine.remove_container
    world.engine.remove_container = lambda name, *, timeout: (given.append(timeout), remove(name, timeout=timeout))
    run(world)

    assert 600 <= world.host.clock - began < 610
    assert given == [1]
    assert backends(world) == ["b"]


def test_cut_waits_for_nobody(world):
    open_answers(world, lambda: 1)
    began = world.host.clock
    run(world, cut=True)

    assert world.host.clock - began < 5
    assert backends(world) == ["b"]


def test_somebody_who_is_at_work_by_then_is_not_disturbed(world):
    def count() -> int:
        world.host.held_by = SOMEBODY
        return 0

    open_answers(world, count)
    assert run(world).draining == ("backend (slot a)",)
    assert backends(world) == ["a", "b"]


def test_a_slot_that_serves_again_meanwhile_stays(world):
    def count() -> int:
        if not world.host.locked and "b" in backends(world):
            world.engine.answers.clear()
            world.up(BEFORE)  # somebody goes back while the answers are waited for
        return 0

    open_answers(world, count)
    run(world)

    assert backends(world) == ["a"]
    assert world.engine.serving.backend == "a"
    assert world.engine.cut_off == []
    with pytest.raises(LockHeld), locked_by(world):
        run(world)


@contextmanager
def locked_by(world: World) -> Iterator[None]:
    world.host.held_by = SOMEBODY
    yield
    world.host.held_by = None
