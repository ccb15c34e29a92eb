"""Environments that several tests look at: starting them is what takes time."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.e2e.model_server import ModelServer
from tests.e2e.page_story import Chatroom
from tests.e2e.scenario import Ran, Scenario


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenario]:
    """A development environment with the bundled model, as the README's first command makes it."""
    with Scenario(tmp_path_factory.mktemp("demo"), label="demo") as scenario:
        scenario.profile(bundled=True).up()
        yield scenario


@pytest.fixture(scope="session")
def first_up(demo: Scenario) -> Ran:
    """The very first `up` of the demo environment."""
    return demo.runs[0]


@pytest.fixture(scope="session")
def chatroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chatroom]:
    """Where the tests of the chat page go, each file as somebody of its own."""
    with ModelServer() as server, Scenario(tmp_path_factory.mktemp("page"), label="page") as scenario:
        blind = {"name": "Blind", "url": server.url, "model": "blind-1", "key": "k", "vision": False}
        presets = json.dumps({"blind": blind})
        scenario.profile(titles=True)
        scenario.env_file(LLM_API_URL=server.url, LLM_MODEL="glm-4", LLM_API_KEY="k", PRESET_MODELS=presets)
        scenario.up()
        yield Chatroom(scenario, server)
