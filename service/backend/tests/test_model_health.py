"""How the models are: what answers and small questions to their servers show, and that nobody waits for that."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import model_server as model_server_module
import pytest
from backend_process import Backend
from client import Client
from conftest import new_admin, new_user
from llmchat_backend.chat.catalogue import ModelEndpoint
from llmchat_backend.chat.model_health import Evidence, Failure, judge
from model_server import ModelServer
from openai_client import complete, program
from pydantic import SecretStr
from test_metrics import figures, read

EVERY = timedelta(seconds=30)
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def failed(code: str, seconds: float) -> Failure:
    return Failure(code, "a sentence", at=ago(seconds), since=ago(seconds))


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        (Evidence(), "unknown"),
        (Evidence(checked_at=ago(10), listed_at=ago(10)), "ok"),
        (Evidence(checked_at=ago(10)), "unknown"),  # it lists nothing, which says nothing
        (Evidence(checked_at=ago(100), listed_at=ago(100)), "unknown"),  # that was long ago
        (Evidence(answered_at=ago(200)), "ok"),
        (Evidence(answered_at=ago(400)), "unknown"),
        (Evidence(checked_at=ago(10), check_failure=failed("model_unreachable", 10)), "failing"),
        (Evidence(checked_at=ago(100), check_failure=failed("model_unreachable", 100)), "unknown"),
        (Evidence(checked_at=ago(10), check_failure=failed("model_unreachable", 10), answered_at=ago(20)), "failing"),
        (Evidence(checked_at=ago(10), check_failure=failed("model_unreachable", 10), answered_at=ago(5)), "ok"),
        # Busy with an answer, or a list that is shown to nobody.
        (Evidence(checked_at=ago(10), check_failure=failed("model_timeout", 10), answered_at=ago(20)), "ok"),
        (Evidence(checked_at=ago(10), check_failure=failed("model_wrong_key", 10), answered_at=ago(20)), "ok"),
        (Evidence(checked_at=ago(10), check_failure=failed("model_wrong_key", 10)), "failing"),
        (Evidence(answer_failure=failed("model_failed", 10)), "failing"),
        (Evidence(answer_failure=failed("model_failed", 20), checked_at=ago(10), listed_at=ago(10)), "failing"),
        (Evidence(answer_failure=failed("model_failed", 400), checked_at=ago(10), listed_at=ago(10)), "unknown"),
        (Evidence(answer_failure=failed("model_unreachable", 20), checked_at=ago(10), listed_at=ago(10)), "ok"),
        (Evidence(answer_failure=failed("model_unreachable", 5), checked_at=ago(10), listed_at=ago(10)), "failing"),
    ],
)
def test_how_a_model_is_follows_from_what_was_seen_of_it(seen: Evidence, state: str) -> None:
    assert judge(seen, NOW, EVERY).state == state


@pytest.mark.parametrize(
    ("url", "list_url"),
    [
        ("http://model:8000/v1/chat/completions", "http://model:8000/v1/models"),
        ("http://model/v1/chat/completions/?version=1", "http://model/v1/models?version=1"),
        ("http://model/ask", None),
    ],
)
def test_the_list_of_models_is_beside_the_completions(url: str, list_url: str | None) -> None:
    assert ModelEndpoint("m", "M", url, "m", SecretStr("")).list_url == list_url


@pytest.fixture
def own_model() -> Iterator[ModelServer]:
    """A model server that a test may stop and start."""
    server = model_server_module.start()
    yield server
    server.stop()


def health_of(user: Client, model_id: str = "default") -> dict[str, Any]:
    (found,) = [model["health"] for model in user.get("/api/models").json["models"] if model["id"] == model_id]
    return found


def eventually(look: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.05)


MakeBackend = Callable[..., Backend]


@pytest.mark.slow
def test_a_model_server_that_goes_down_and_comes_back_is_told_to_everybody(
    make_backend: MakeBackend, own_model: ModelServer
) -> None:
    backend = make_backend(LLM_API_URL=own_model.url, LLM_CHECK_SECONDS="1").start()
    user, admin = new_user(backend, "ann"), new_admin(backend)
    eventually(lambda: health_of(user)["state"] == "ok")
    assert health_of(user) == {"state": "ok", "code": None, "since": None}
    eventually(lambda: read(figures(backend), "llmchat_model_failing", model="default") == 0)

    own_model.stop()
    eventually(lambda: health_of(user)["state"] == "failing")
    found = health_of(user)
    assert found["code"] == "model_unreachable"
    (told,) = admin.get("/api/admin/models").json["models"]
    assert (told["id"], told["label"], told["state"], told["default"]) == ("default", "Test model", "failing", True)
    assert (told["code"], told["detail"]) == ("model_unreachable", "The model server can't be reached.")
    assert told["since"] == found["since"] <= told["checked_at"]
    assert told["last_answer_at"] is None
    eventually(lambda: read(figures(backend), "llmchat_model_failing", model="default") == 1)
    assert backend.client.get("/health/ready").status == 200  # the service itself is well

    model_server_module.start(own_model)
    eventually(lambda: health_of(user)["state"] == "ok")


@pytest.mark.slow
def test_what_an_answer_shows_counts_at_once_for_the_page_and_for_programs(
    make_backend: MakeBackend, own_model: ModelServer
) -> None:
    backend = make_backend(LLM_API_URL=own_model.url, LLM_CHECK_SECONDS="3600").start()
    user, admin = new_user(backend, "ann"), new_admin(backend)
    own_model.behaviour.status, own_model.behaviour.body = 500, b'{"error": "out of memory"}'
    user.ask(user.new_conversation())
    assert health_of(user)["code"] == "model_failed"
    (told,) = admin.get("/api/admin/models").json["models"]
    assert "out of memory" in told["detail"]
    since = told["since"]
    complete(program(user))
    assert health_of(user)["since"] == since  # it still is the same failure

    own_model.behaviour.status, own_model.behaviour.body = 200, b""
    assert complete(program(user), stream=True).status == 200
    assert health_of(user)["state"] == "ok"
    own_model.behaviour.status, own_model.behaviour.body = 400, b'{"error": "too long"}'
    user.ask(user.new_conversation())
    assert health_of(user)["state"] == "ok"  # the question was refused, the model is well
    own_model.behaviour.status, own_model.behaviour.body = 401, b""
    admin.post("/api/admin/models/default/check")
    assert health_of(user)["code"] == "model_wrong_key"


@pytest.mark.slow
def test_a_server_is_asked_once_however_many_want_to_know_and_models_it_has_and_nobody_waits(
    make_backend: MakeBackend, own_model: ModelServer
) -> None:
    own_model.list_silence = 4
    presets = {name: {"name": name, "url": own_model.url, "model": name} for name in ("one", "two")}
    backend = make_backend(LLM_API_URL=own_model.url, LLM_CHECK_SECONDS="3600", PRESET_MODELS=json.dumps(presets))
    keys = dict.fromkeys(presets, "model-key")
    backend.write_secret("PRESET_MODEL_KEYS", json.dumps(keys))
    user = new_user(backend.start(), "ann")
    began = time.monotonic()
    for _ in range(20):
        assert health_of(user)["state"] == "unknown"
    assert time.monotonic() - began < own_model.list_silence
    eventually(lambda: all(health_of(user, name)["state"] == "ok" for name in ("default", "one", "two")))
    assert own_model.lists == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("status", "state"),
    [(200, "ok"), (404, "unknown"), (302, "unknown"), (501, "unknown"), (401, "failing"), (503, "failing")],
)
def test_what_a_server_says_to_the_small_question(
    make_backend: MakeBackend, own_model: ModelServer, status: int, state: str
) -> None:
    own_model.list_status = status
    backend = make_backend(LLM_API_URL=own_model.url, LLM_CHECK_SECONDS="3600").start()
    user, admin = new_user(backend, "ann"), new_admin(backend)
    eventually(lambda: admin.get("/api/admin/models").json["models"][0]["checked_at"] is not None)
    assert health_of(user)["state"] == state
