"""What is new in page and backend starts at the same time, and goes together where either isn't good."""

from __future__ import annotations

import pytest

from llmchat_deploy.errors import DeployError, DockerUnavailable, Unhealthy
from llmchat_deploy.host.base import CommandResult
from llmchat_deploy.plan.steps import StartService, WaitHealthy
from tests.unit.world import SHIPPED, World, an_environment

NEW = SHIPPED.with_version("backend", "2").with_version("frontend", "2")


@pytest.fixture
def deployed() -> World:
    world = World()
    world.up(an_environment())
    world.rewind()
    return world


def test_both_are_begun_before_either_is_awaited(deployed: World) -> None:
    steps = deployed.plan(an_environment(), NEW).steps
    begun = [index for index, step in enumerate(steps) if isinstance(step, StartService)]
    awaited = [index for index, step in enumerate(steps) if isinstance(step, WaitHealthy)]

    assert (len(begun), len(awaited)) == (2, 2)
    assert max(begun) < min(awaited)


@pytest.mark.parametrize("bad", ["backend", "frontend"])
def test_where_one_is_not_good_neither_stays(deployed: World, bad: str) -> None:
    before = deployed.state()
    deployed.engine.unhealthy.add(bad)

    with pytest.raises(DeployError):
        deployed.up(an_environment(), NEW)

    assert deployed.engine.cut_off == []
    assert {name for name in deployed.engine.boxes if "-b" in name[-2:]} == set()
    deployed.engine.unhealthy.clear()
    deployed.up(an_environment())
    assert deployed.state()["containers"] == before["containers"]


def test_where_the_second_cannot_even_be_started_the_first_goes_too(deployed: World) -> None:
    deployed.host.failing["docker compose --project-name llmchat-test-frontend-b"] = CommandResult(1, "", "no space")

    with pytest.raises(DeployError, match="frontend"):
        deployed.up(an_environment(), NEW)

    assert "llmchat-test-backend-b" not in deployed.engine.boxes
    assert deployed.engine.cut_off == []


def test_where_one_cannot_be_removed_the_other_goes_all_the_same(deployed: World) -> None:
    deployed.engine.unhealthy.add("frontend")
    for name in ("llmchat-test-backend-b", "llmchat-test-frontend-b"):
        deployed.engine.tape.fail = {f"remove container {name}": DockerUnavailable("gone", hint="")}
        with pytest.raises(Unhealthy):
            deployed.up(an_environment(), NEW)

        assert {each for each in deployed.engine.boxes if each.endswith("-b")} == {name}
        deployed.engine.tape.fail = {}
        deployed.engine.boxes.pop(name)


def test_one_that_nothing_stands_in_for_is_left_for_a_look(deployed: World) -> None:
    deployed.engine.stop_by_hand("llmchat-test-backend-a")
    deployed.engine.unhealthy.add("backend")

    with pytest.raises(DeployError):
        deployed.up(an_environment(), NEW)

    assert set(deployed.engine.boxes) >= {"llmchat-test-backend-b", "llmchat-test-frontend-a"}
    assert "llmchat-test-frontend-b" not in deployed.engine.boxes
