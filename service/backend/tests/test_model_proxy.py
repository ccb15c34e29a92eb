"""A model server that only a proxy reaches, as the environment names it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from backend_process import Backend
from client import text_of
from conftest import new_user
from model_server import ModelServer

FAR_AWAY = "http://model.nowhere.test/v1/chat/completions"


@pytest.mark.slow
@pytest.mark.parametrize("spelt", ["HTTP_PROXY", "http_proxy"])
def test_a_model_server_is_asked_through_the_proxy_of_the_environment(
    make_backend: Callable[..., Backend], model: ModelServer, spelt: str
) -> None:
    proxy = f"http://127.0.0.1:{model.port}"
    user = new_user(make_backend(LLM_API_URL=FAR_AWAY, **{spelt: proxy}).start(), "ann")
    assert text_of(user.ask(user.new_conversation())) == "Hello, 世界"


@pytest.mark.slow
def test_a_model_server_that_needs_no_proxy_is_asked_directly(
    make_backend: Callable[..., Backend], model: ModelServer
) -> None:
    nobody = "http://127.0.0.1:1"
    user = new_user(make_backend(HTTP_PROXY=nobody, NO_PROXY="localhost,127.0.0.1").start(), "ann")
    assert text_of(user.ask(user.new_conversation())) == "Hello, 世界"
