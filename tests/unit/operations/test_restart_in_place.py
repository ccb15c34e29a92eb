"""What can't be started again as it is restarts where it is, and it is said why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.operations.test_restart import ENVIRONMENT, go
from tests.unit.realistic_engine import EDGE
from tests.unit.world import World


@pytest.fixture
def world() -> World:
    world = World()
    world.up(ENVIRONMENT)
    world.rewind()
    return world


def _lose_release(world: World) -> str:
    for name in [name for name in world.host.state if name.startswith("releases/")]:
        del world.host.state[name]
    return "isn't kept on this machine"


def _lose_image(world: World) -> str:
    world.engine.tags = {tag for tag in world.engine.tags if "backend" not in tag}
    return "llmchat/backend:"


def _run_something_else(world: World) -> str:
    name = "llmchat-test-backend-a"
    world.engine.boxes[name] = replace(world.engine.boxes[name], digest="1" * 64)
    return "isn't what was recorded last"


@pytest.mark.parametrize("lose", [_lose_release, _lose_image, _run_something_else])
def test_what_can_not_be_started_again_as_it_is_restarts_in_place_and_it_is_said_why(world, lose):
    why = lose(world)
    outcome = go(world, "backend")

    assert world.writes[1:-1] == ["restart llmchat-test-backend-a"]
    assert outcome.data.services == ("llmchat-test-backend-a",)
    (warning,) = outcome.warnings
    assert warning.startswith("The backend was restarted in place, which its users can notice: ")
    assert why in warning


def test_without_an_edge_nobody_knows_which_slot_serves(world):
    del world.engine.boxes[EDGE]
    (warning,) = go(world, "backend").warnings

    assert "nobody knows which of its slots serves" in warning
    assert world.writes[1:-1] == ["restart llmchat-test-backend-a"]
