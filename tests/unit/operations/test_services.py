"""Which containers people mean by the services they name."""

from __future__ import annotations

import pytest

from llmchat_deploy.errors import RefusedError
from llmchat_deploy.operations.services import chosen
from tests.unit.world import World, an_environment

ENVIRONMENT = an_environment()


@pytest.fixture
def world() -> World:
    world = World()
    world.up(ENVIRONMENT)
    return world


def test_all_where_none_is_named_and_only_those_that_are(world):
    assert [box.service for box in chosen(ENVIRONMENT, world.engine, ())] == ["backend", "edge", "frontend"]
    assert [box.service for box in chosen(ENVIRONMENT, world.engine, ("edge",))] == ["edge"]


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
    with pytest.raises(RefusedError, match="This environment has no service 'model'; it has backend, edge, frontend"):
        chosen(ENVIRONMENT, world.engine, ("model",))
