"""A restart that is killed at any of its writes is finished by the next command, the same one or ``up``."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import Killed
from tests.unit.operations.test_restart import ENVIRONMENT, go
from tests.unit.world import World, an_environment

CHANGED = an_environment(models__bundled=True, auth__token_minutes=60, models__idle_timeout=60)
ONE_OF_EACH = {"model": 1, "backend": 1, "frontend": 1, "edge": 1}


def deployed() -> World:
    world = World()
    world.up(ENVIRONMENT)
    world.rewind()
    return world


def kill(world: World, at: int, *services: str, after: bool) -> bool:
    """Restart until a write; return whether it was cut there."""
    world.rewind(kill_at=at, kill_after=after)
    try:
        go(world, *services)
    except Killed:
        return True
    finally:
        world.host.locked = False
        world.rewind()
    return False


def is_whole(world: World, environment=ENVIRONMENT) -> None:
    """Each service once, what the edge sends requests to runs, and nothing is left to do."""
    assert Counter(box.service for box in world.engine.boxes.values()) == ONE_OF_EACH
    assert all(box.runs for box in world.engine.boxes.values())
    assert {f"llmchat-test-{name}-{world.engine.serving.of(name)}" for name in ("backend", "frontend")} <= set(
        world.engine.boxes
    )
    assert world.engine.cut_off == []
    assert world.plan(environment).is_empty


@pytest.mark.parametrize("after", [False, True], ids=["write lost", "write done"])
@pytest.mark.parametrize("services", [(), ("backend",), ("frontend",)], ids=["all", "backend", "frontend"])
def test_a_restart_that_is_killed_anywhere_is_finished_by_the_next(services, after):
    start = deployed()
    uncut = deepcopy(start)
    go(uncut, *services)

    for number in range(1, len(uncut.writes) + 1):
        again, up = deepcopy(start), deepcopy(start)
        assert kill(again, number, *services, after=after)
        go(again, *services)
        is_whole(again)
        assert kill(up, number, *services, after=after)
        if not up.plan(ENVIRONMENT).is_empty:
            up.up(ENVIRONMENT)
        is_whole(up)


choices = st.sampled_from([(), ("backend",), ("frontend",), ("edge",), ("model", "frontend")])
runs = st.lists(st.tuples(choices, st.none() | st.integers(1, 30), st.booleans()), min_size=1, max_size=4)


@given(runs, st.booleans())
def test_however_many_restarts_are_cut_up_finds_one_of_each_and_nobody_was_cut_off(history, changes):
    world = deployed()
    for services, at, after in history:
        kill(world, at or 1000, *services, after=after)
    environment = CHANGED if changes else ENVIRONMENT
    if not world.plan(environment).is_empty:
        world.up(environment)

    is_whole(world, environment)
