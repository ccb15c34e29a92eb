"""``restart``, and which containers people mean by the services they name."""

from __future__ import annotations

import pytest

from llmchat_deploy.engine.base import ExecResult
from llmchat_deploy.errors import RefusedError, Unhealthy
from llmchat_deploy.operations.restart import restart
from llmchat_deploy.operations.services import chosen
from tests.unit.world import World, an_environment

ENVIRONMENT = an_environment(models__bundled=True)


@pytest.fixture
def world() -> World:
    world = World()
    world.up(ENVIRONMENT)
    world.rewind()
    return world


def go(world: World, *services: str):
    return restart(ENVIRONMENT, world.host, world.engine, world.events.append, services=services)


def test_what_others_need_is_restarted_first_and_each_is_awaited(world):
    go(world)

    assert world.writes[1:-1] == [
        f"restart llmchat-test-{name}" for name in ("model", "backend-a", "frontend-a", "edge")
    ]
    titles = [event.title for event in world.events if event.status == "done"][-8:]
    assert titles[:2] == ["restart model", "wait for model"]


def test_only_the_named_ones(world):
    outcome = go(world, "frontend", "edge")

    assert outcome.data.services == ("llmchat-test-edge", "llmchat-test-frontend-a")
    assert world.writes[1:-1] == ["restart llmchat-test-frontend-a", "restart llmchat-test-edge"]


def test_a_stopped_one_is_started(world):
    world.engine.stop_by_hand("llmchat-test-frontend-a")

    go(world, "frontend")

    assert world.engine.boxes["llmchat-test-frontend-a"].runs


def test_one_that_does_not_come_back_ends_it(world):
    world.engine.answers.append(lambda name, argv, stdin: _unwell() if "backend" in name and "health" in argv else None)

    with pytest.raises(Unhealthy, match=r"backend \(slot a\) doesn't get healthy"):
        go(world)

    assert "restart llmchat-test-edge" not in world.writes
    assert "llmchat-test-backend-a" in world.engine.boxes


def _unwell():
    return ExecResult(1, "", "database is locked")


@pytest.mark.parametrize(
    ("service", "message"),
    [
        ("backand", "There is no service 'backand'. Did you mean 'backend'? The services are backend, edge, frontend"),
        ("xyz", "There is no service 'xyz'. The services are"),
    ],
)
def test_an_unknown_service_gets_the_nearest_name(world, service, message):
    with pytest.raises(RefusedError) as error:
        chosen(ENVIRONMENT, world.engine, (service,))

    assert error.value.message.startswith(message)


def test_a_service_that_this_environment_has_not(world):
    world = World()
    world.up(an_environment())

    with pytest.raises(RefusedError, match="This environment has no service 'model'; it has backend, edge, frontend"):
        chosen(an_environment(), world.engine, ("model",))


def test_nothing_is_there():
    with pytest.raises(RefusedError, match="Nothing of environment 'test' is there") as error:
        go(World())

    assert error.value.hint == "Start it: llmchat-deploy up --env test"
