"""Since when the maintenance page stands: noted while it does, and no longer."""

from __future__ import annotations

from copy import deepcopy

import pytest

from llmchat_deploy.apply.maintenance import MAINTENANCE, page_since
from llmchat_deploy.apply.observe import active_slots
from llmchat_deploy.errors import StepFailed, Unhealthy
from llmchat_deploy.render.names import Names
from tests.fakes import Killed
from tests.unit.plan.test_offline import ENVIRONMENT, EVERYTHING, OLD, before_it, go
from tests.unit.world import World

SHOWN = "2027-01-15T08:00:00+00:00"


@pytest.fixture
def world() -> World:
    return before_it()


def kill(world: World, after: str) -> None:
    """Run ``up`` and kill it right after its first write that ends so."""
    uncut = deepcopy(world)
    go(uncut, EVERYTHING)
    at = next(number for number, write in enumerate(uncut.writes, 1) if write.endswith(after))
    world.rewind(kill_at=at, kill_after=True)
    with pytest.raises(Killed):
        go(world, EVERYTHING)
    world.rewind()


def test_the_next_run_ends_it_and_leaves_no_note(world: World) -> None:
    kill(world, f"stop {OLD}")
    assert page_since(world.host) == SHOWN
    go(world, EVERYTHING)

    assert not active_slots(Names(ENVIRONMENT.project), world.engine).maintenance
    assert MAINTENANCE not in world.host.state


def test_a_run_that_shows_the_page_once_more_keeps_its_first_time(world: World) -> None:
    kill(world, "backend/b state drain;set server frontend/b state drain")
    world.host.clock += 3600
    world.engine.unhealthy = {"backend"}
    with pytest.raises(Unhealthy):
        go(world, EVERYTHING)

    assert any("backend/a state drain" in write for write in world.writes)
    assert page_since(world.host) == SHOWN


def test_a_change_that_fails_and_goes_back_leaves_no_page(world: World) -> None:
    world.engine.tape.fail["run once llmchat-backend migrate"] = StepFailed("broken")
    with pytest.raises(StepFailed):
        go(world, EVERYTHING)

    assert not active_slots(Names(ENVIRONMENT.project), world.engine).maintenance
    assert MAINTENANCE not in world.host.state


def test_an_edge_that_refuses_the_page_leaves_none(world: World) -> None:
    world.engine.tape.fail["command llmchat-test-edge"] = StepFailed("The edge didn't take it.")
    with pytest.raises(StepFailed):
        go(world, EVERYTHING)
    world.engine.tape.fail.clear()
    go(world, EVERYTHING)

    assert MAINTENANCE not in world.host.state


def test_a_later_page_has_its_own_time(world: World) -> None:
    world.host.state[MAINTENANCE] = '{"since": "2020-01-01T00:00:00+00:00"}'  # a run killed before it showed the page
    world.engine.unhealthy = {"backend"}
    with pytest.raises(Unhealthy):
        go(world, EVERYTHING)

    assert page_since(world.host) == SHOWN
