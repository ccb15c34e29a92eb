"""``logs``: lines of the services that are meant, without secrets."""

from __future__ import annotations

import pytest

from llmchat_deploy.errors import RefusedError
from llmchat_deploy.operations.logs import logs
from tests.unit.world import LLM_API_KEY, SECRET_KEY, World, an_environment

ENVIRONMENT = an_environment()


@pytest.fixture
def world() -> World:
    world = World()
    world.up(ENVIRONMENT)
    world.engine.log_text["llmchat-test-backend-a"] = f"one\ntwo {LLM_API_KEY}\nthree {SECRET_KEY} three"
    world.engine.log_text["llmchat-test-edge"] = "edge"
    return world


def read(world: World, *services: str, tail: int | None = None) -> list[str]:
    return [line.text for line in logs(ENVIRONMENT, world.engine, services=services, follow=False, tail=tail)]


def test_lines_are_shown_without_secrets(world):
    assert read(world, "backend") == ["one", "two ***", "three *** three"]
    assert read(world, "backend", tail=1) == ["three *** three"]


def test_all_services(world):
    assert len(read(world)) == 4


def test_an_unknown_service_is_refused(world):
    with pytest.raises(RefusedError, match="Did you mean 'frontend'"):
        read(world, "fronted")
