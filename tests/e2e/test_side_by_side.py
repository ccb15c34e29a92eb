"""Several environments on one machine, and ports that somebody else holds."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e import facts
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Scenario, free_port

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

PREREQUISITE = 4


@pytest.fixture(scope="module")
def neighbour(tmp_path_factory: pytest.TempPathFactory, model_server: ModelServer) -> Iterator[Scenario]:
    with Scenario(tmp_path_factory.mktemp("neighbour"), label="next") as scenario:
        scenario.profile().env_file(LLM_API_URL=model_server.url, LLM_MODEL="test", LLM_API_KEY="")
        scenario.up()
        yield scenario


def test_two_environments_share_nothing(demo: Scenario, neighbour: Scenario) -> None:
    assert facts.everything(demo.project) & facts.everything(neighbour.project) == set()
    demo.chat.register("only-here")
    neighbour.chat.call("POST", "/api/auth/login",
                        {"username": "only-here", "password": "correct horse battery"}, expect=401)  # fmt: skip


def test_a_token_of_one_environment_is_worth_nothing_in_the_other(demo: Scenario, neighbour: Scenario) -> None:
    token = demo.chat.register("traveller").token
    stranger = type(demo.chat)(neighbour.web_port, token)
    stranger.call("GET", "/api/auth/me", expect=401)


def test_a_port_of_another_environment_is_named_before_anything_changes(
    scenario: Scenario, neighbour: Scenario
) -> None:
    scenario.web_port = neighbour.web_port
    refused = scenario.profile(bundled=True).run("up").check(PREREQUISITE)
    assert str(neighbour.web_port) in refused.stderr
    assert neighbour.project in refused.stderr
    assert facts.everything(scenario.project) == set()


@pytest.mark.parametrize("argv", [("plan",), ("up", "--json")])
def test_a_port_of_a_process_is_named_with_the_process(scenario: Scenario, argv: tuple[str, ...]) -> None:
    with closing(socket.create_server(("127.0.0.1", free_port()))) as taken:
        scenario.api_port = taken.getsockname()[1]
        refused = scenario.profile(bundled=True).run(*argv).check(PREREQUISITE)
    assert str(scenario.api_port) in refused.output
    assert str(os.getpid()) in refused.output
    assert facts.everything(scenario.project) == set()
    assert not Path(scenario.folder / f".env.{scenario.name}").exists(), "a refused up wrote a file"


def test_taking_one_environment_down_leaves_the_other_alone(demo: Scenario, neighbour: Scenario) -> None:
    before = facts.identities(demo.project)
    neighbour.run("down", "--volumes", "--confirm", neighbour.name).check()
    assert facts.everything(neighbour.project) == set()
    assert facts.identities(demo.project) == before
    assert demo.chat.status("/health/ready") == 200
