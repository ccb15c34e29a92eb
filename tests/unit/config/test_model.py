from __future__ import annotations

import pytest
from pydantic import ValidationError

from llmchat_deploy.config.chat_model import ChatModel
from llmchat_deploy.config.model import Server
from llmchat_deploy.config.section import without_credentials
from tests.unit.config.project import load, only, problems, production


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1:11553", True),
        ("localhost", True),
        ("LOCALHOST.:80", True),
        ("model.localhost", True),
        ("[::1]:80", True),
        ("[::ffff:127.0.0.1]", True),
        ("192.168.1.5", False),
        ("localhost.example.com", False),
        ("[2001:db8::1]", False),
    ],
)
def test_a_model_on_loopback_is_recognised(host: str, loopback: bool) -> None:  # noqa: FBT001
    assert ChatModel(url=f"http://{host}/v1/chat/completions", name="m").is_loopback is loopback


def test_any_model_on_loopback_needs_the_hosts_network() -> None:
    remote = "LLM_API_URL=https://api.example.com/v1/chat/completions\n"
    preset = 'PRESET_MODELS={"a": {"url": "http://localhost:1/v1/chat/completions", "model": "m", "key": "4711-a"}}\n'
    assert load(production(remote, without="LLM_API_URL")).environment.backend_network == "bridge"
    assert load(production(remote + preset, without="LLM_API_URL")).environment.backend_network == "host"
    forced = load(production(remote, without="LLM_API_URL"), "production", "network.backend=host")
    assert forced.environment.backend_network == "host"


def test_a_preset_is_for_everyone_or_for_administrators() -> None:
    problem = only(problems(production('PRESET_MODELS={"a": {"visible_to": "me"}}\n')))
    assert (problem.key, problem.hint) == ("PRESET_MODELS.a.visible_to", "Write one of everyone, admins.")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://u:p@x:1/y@z", "http://***@x:1/y@z"),
        ("http://x:1/y@z", "http://x:1/y@z"),
        ("u:p@x", "***@x"),
        ("", ""),
    ],
)
def test_a_urls_credentials_are_left_out(url: str, shown: str) -> None:
    assert without_credentials(url) == shown


def test_a_model_is_frozen_and_knows_its_keys() -> None:
    with pytest.raises(ValidationError):
        Server(adress="x")  # type: ignore[call-arg]
    with pytest.raises(ValidationError):
        Server().bind = "x"  # type: ignore[misc]
