"""The figures for operators: what is counted, under which labels, and who gets them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from backend_process import Backend
from client import PASSWORD, Client
from conftest import new_user
from llmchat_backend.telemetry.metrics import Metrics
from llmchat_backend.telemetry.tally import Tally
from model_server import ModelServer, chunk
from openai_client import program
from prometheus_client.parser import text_string_to_metric_families

pytestmark = pytest.mark.slow

CHAT = {"model": "default", "messages": [{"role": "user", "content": "Hi"}]}


def read(text: str, name: str, **labels: str) -> float | None:
    """Return the sum of the samples with these labels, None where there are none."""
    found = [
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    return sum(found) if found else None


def labels_of(text: str) -> Iterator[tuple[str, str]]:
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            yield from sample.labels.items()


@pytest.fixture
def own(make_backend: Callable[..., Backend]) -> Backend:
    """A backend of a test's own, so that figures begin at nothing."""
    return make_backend().start()


def figures(backend: Backend) -> str:
    answer = backend.client.get("/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return answer.body.decode()


def test_a_request_is_counted_by_its_routes_template_and_status(own: Backend) -> None:
    user = new_user(own, "ann")
    conversation = user.new_conversation()
    user.get(f"/api/conversations/{conversation}")
    user.get("/api/conversations/none")
    user.put(f"/api/conversations/{conversation}")
    for number in range(20):
        own.client.get(f"/wp-admin/{number}.php")
    text = figures(own)
    route = "/api/conversations/{conversation_id}"
    assert read(text, "llmchat_requests_total", route=route, method="GET", status="200") == 1
    assert read(text, "llmchat_requests_total", route=route, status="404") == 1
    assert read(text, "llmchat_requests_total", route=route, method="PUT", status="405") == 1
    assert read(text, "llmchat_requests_total", route="other", method="GET", status="404") == 20
    assert read(text, "llmchat_request_seconds_count", route=route) == 3
    assert "wp-admin" not in text


def test_a_method_that_is_none_makes_no_series_of_its_own() -> None:
    metrics = Metrics("a", "r1")
    metrics.request_ended(None, "BREW", 404, 0.1)
    assert read(metrics.text().decode(), "llmchat_requests_total", method="other", route="other") == 1


def test_an_answer_at_the_page_is_counted_with_its_tokens_and_its_first_token(own: Backend) -> None:
    user = new_user(own, "ann")
    user.ask(user.new_conversation())
    text = figures(own)
    labels = {"model": "default", "via": "page"}
    assert read(text, "llmchat_answers_total", outcome="complete", error="", **labels) == 1
    assert read(text, "llmchat_tokens_total", kind="read", **labels) == 5
    assert read(text, "llmchat_tokens_total", kind="written", **labels) == 2
    assert read(text, "llmchat_first_token_seconds_count", **labels) == 1
    assert read(text, "llmchat_answer_seconds_count", **labels) == 1
    assert read(text, "llmchat_answers_open", via="page") == 0


@pytest.mark.parametrize("stream", [True, False])
def test_an_answer_for_a_program_is_counted_the_same_way(own: Backend, model: ModelServer, *, stream: bool) -> None:
    editor = program(new_user(own, "ann"))
    if not stream:
        model.behaviour.content_type = "application/json"
        model.behaviour.body = (
            b'{"choices": [{"message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],'
            b' "usage": {"prompt_tokens": 5, "completion_tokens": 2}}'
        )
    assert editor.post("/v1/chat/completions", {**CHAT, "stream": stream}).status == 200
    text = figures(own)
    assert read(text, "llmchat_answers_total", model="default", via="api", outcome="complete") == 1
    assert read(text, "llmchat_tokens_total", via="api", kind="written") == 2
    assert read(text, "llmchat_first_token_seconds_count", via="api") == (1 if stream else None)


def test_an_answer_that_fails_is_counted_with_why(own: Backend, model: ModelServer) -> None:
    model.behaviour.status, model.behaviour.body = 401, b"no"
    user = new_user(own, "ann")
    user.ask(user.new_conversation())
    program(user).post("/v1/chat/completions", CHAT)
    text = figures(own)
    for via in ("page", "api"):
        assert read(text, "llmchat_answers_total", via=via, outcome="error", error="model_wrong_key") == 1
    assert read(text, "llmchat_first_token_seconds_count") is None


def test_open_answers_are_shown_and_a_stopped_one_counts_as_stopped(own: Backend, model: ModelServer) -> None:
    model.behaviour.chunks = (chunk({"content": "One"}),)
    model.behaviour.hang_after = True
    user = new_user(own, "ann")
    editor = program(user)
    with user.stream(user.new_conversation()) as stream:
        events = stream.events()
        start = next(events)
        response, connection = editor.open("POST", "/v1/chat/completions", {**CHAT, "stream": True})
        assert response.readline().startswith(b"data: ")
        text = figures(own)
        for via in ("page", "api"):
            assert read(text, "llmchat_answers_open", via=via) == 1
        response.close()
        connection.close()
        user.post(f"/api/messages/{start.data['message_id']}/stop")
        list(events)
    deadline = time.monotonic() + 60
    while read(text := figures(own), "llmchat_answers_open") != 0:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    for via in ("page", "api"):
        assert read(text, "llmchat_answers_total", via=via, outcome="stopped") == 1


def test_waiting_for_the_database_and_the_memory_of_the_process_are_shown(own: Backend) -> None:
    user = new_user(own, "ann")
    user.new_conversation()
    text = figures(own)
    for lane in ("writer", "reader"):
        runs = read(text, "llmchat_database_run_seconds_count", lane=lane)
        assert runs is not None
        assert runs > 0
        assert read(text, "llmchat_database_wait_seconds_count", lane=lane) == runs
        assert read(text, "llmchat_database_wait_seconds_bucket", lane=lane, le="+Inf") == runs
        assert read(text, "llmchat_database_queue", lane=lane) == 0
    memory = read(text, "process_resident_memory_bytes")
    assert memory is not None
    assert 20e6 < memory < 500e6


def test_a_span_is_counted_in_the_first_class_that_holds_it() -> None:
    tally = Tally()
    for seconds in (0.0005, 0.001, 0.002, 9):
        tally.add(seconds)
    assert tally.counts == [2, 1, 0, 0, 0, 0, 1]
    assert tally.total == pytest.approx(9.0035)


def test_each_series_names_its_slot_and_none_names_a_user_or_what_was_said(
    make_backend: Callable[..., Backend], model: ModelServer
) -> None:
    backend = make_backend("b").start()
    user = new_user(backend, "annabella")
    model.behaviour.chunks = (chunk({"content": "a confidential answer"}, finish_reason="stop"),)
    user.ask(user.new_conversation(), "a confidential question")
    text = figures(backend)
    for line in text.splitlines():
        assert line.startswith("#") or 'slot="b"' in line
    for secret in ("annabella", "confidential", user.user_id, PASSWORD, "model-key"):
        assert secret not in text
    assert {value for name, value in labels_of(text) if name == "model"} == {"default"}


def test_whoever_comes_through_the_edge_is_told_that_there_is_nothing(backend: Backend, admin: Client) -> None:
    for path in ("/metrics", "/%6detrics", "/metrics?x=1"):
        answer = admin.get(path, X_Forwarded_For="203.0.113.5")
        assert (answer.status, answer.json["code"]) == (404, "not_found")
        assert b"llmchat_requests" not in answer.body


def test_the_command_prints_the_figures(own: Backend) -> None:
    printed = own.command("metrics")
    assert printed.returncode == 0
    assert read(printed.stdout, "llmchat_info", release="r1", slot="a") == 1
    own.end()
    silent = own.command("metrics")
    assert (silent.returncode, silent.stdout) == (1, "")
    assert "no answer" in silent.stderr
