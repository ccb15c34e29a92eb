"""A model server that can't be used is named with its cause, and doesn't stop a deploy unless that is asked for."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import psutil
import pytest

from llmchat_deploy.config.addresses import is_loopback
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Scenario, free_port

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

UNHEALTHY = 9
KEY = "the-right-key-for-this-model"


@pytest.fixture(scope="module")
def strict_server() -> Iterator[ModelServer]:
    with ModelServer(keys=frozenset({KEY}), models=frozenset({"glm-4"})) as server:
        yield server


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenario]:
    with Scenario(tmp_path_factory.mktemp("unreachable"), label="lost") as scenario:
        yield scenario.profile()


def own_address() -> str:
    """Return an address of this machine that is no loopback one; where Docker is, its bridge has one at least."""
    found = (each for interface in psutil.net_if_addrs().values() for each in interface)
    return next(each.address for each in found if each.family == socket.AF_INET and not is_loopback(each.address))


CASES: dict[str, Callable[[ModelServer], dict[str, str]]] = {
    "nothing_listens": lambda _: {"LLM_API_URL": f"http://127.0.0.1:{free_port()}/v1/chat/completions"},
    "other_address": lambda server: {"LLM_API_URL": f"http://{own_address()}:{server.port}/v1/chat/completions"},
    "wrong_path": lambda server: {"LLM_API_URL": f"http://127.0.0.1:{server.port}/api/v1/chat/completions"},
    "wrong_key": lambda _: {"LLM_API_KEY": "another-key-altogether"},
    "model_unknown": lambda _: {"LLM_MODEL": "glm-5"},
}


@pytest.mark.parametrize("cause", CASES)
def test_up_goes_on_and_names_the_cause(environment: Scenario, strict_server: ModelServer, cause: str) -> None:
    right = {"LLM_API_URL": strict_server.url, "LLM_MODEL": "glm-4", "LLM_API_KEY": KEY}
    environment.env_file(**right | CASES[cause](strict_server))
    document = environment.up("--json").json
    assert document["data"]["model"]["ok"] is False
    assert document["data"]["model"]["reason"] == cause
    (warning,) = document["warnings"]
    assert warning.startswith("model_unreachable: ")
    assert document["data"]["model"]["hint"] in warning
    assert environment.chat.status("/health/ready") == 200


def test_an_answer_that_fails_says_so_in_the_chat(environment: Scenario, strict_server: ModelServer) -> None:
    environment.env_file(LLM_API_URL=strict_server.url, LLM_MODEL="glm-5", LLM_API_KEY=KEY).up()
    answer = environment.chat.register("unlucky").ask("Hello")
    assert answer.status == "error"
    assert answer.error["message"]


def test_a_required_model_that_is_not_there_fails_an_up_that_has_nothing_else_to_do(
    environment: Scenario, strict_server: ModelServer
) -> None:
    environment.env_file(LLM_API_URL=strict_server.url, LLM_MODEL="glm-5", LLM_API_KEY=KEY).up()
    failed = environment.up("--require-model", exit_code=UNHEALTHY)
    assert "glm-5" in failed.stderr
    assert environment.chat.status("/health/ready") == 200


def test_a_release_that_can_not_chat_never_replaces_one_that_can(
    environment: Scenario, strict_server: ModelServer
) -> None:
    environment.env_file(LLM_API_URL=strict_server.url, LLM_MODEL="glm-4", LLM_API_KEY=KEY).up()
    user = environment.chat.register("lucky")
    environment.env_file(LLM_API_URL=strict_server.url, LLM_MODEL="glm-5", LLM_API_KEY=KEY)
    failed = environment.up(exit_code=UNHEALTHY)
    assert "the old one goes on serving" in failed.stderr
    assert user.ask("Hello").status == "complete"
