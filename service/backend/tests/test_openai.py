"""The OpenAI protocol below /v1, spoken by hand as the package `openai` speaks it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from backend_process import Backend
from client import Client
from conftest import new_user
from model_server import DONE, HELLO, ModelServer, chunk
from openai_client import MESSAGES, WHOLE, answers_whole, complete, error_of, program, used

MakeBackend = Callable[..., Backend]
ENDLESS = tuple(chunk({"content": f"{number} "}) for number in range(2000))


def chunks_of(body: bytes) -> list[dict[str, Any]]:
    lines = [line[6:] for line in body.split(b"\n") if line.startswith(b"data: ")]
    assert lines[-1] == b"[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def test_the_models_are_listed_as_openai_does_and_the_use_of_the_key_is_noted(
    fresh_user: Client, editor: Client
) -> None:
    listed = editor.get("/v1/models").json
    assert (listed["object"], [(card["id"], card["object"]) for card in listed["data"]]) == (
        "list", [("default", "model")],
    )  # fmt: skip
    assert editor.get("/v1/models/default").json == listed["data"][0]
    assert error_of(editor.get("/v1/models/none")) == (404, "invalid_request_error", "model_not_found")
    assert fresh_user.get("/api/keys").json["items"][0]["last_used_at"] is not None


def test_an_answer_in_one_piece_is_passed_on_with_the_name_that_was_asked_for(
    fresh_user: Client, editor: Client, model: ModelServer
) -> None:
    answers_whole(model)
    more = {"temperature": 0.5, "tools": [{"type": "function", "function": {"name": "f"}}], "n": 1}
    answer = complete(editor, **more)
    assert (answer.status, answer.json) == (200, {**WHOLE, "model": "default"})
    (asked,) = model.requests
    assert asked == {"model": "test-model", "messages": MESSAGES, **more}
    assert model.keys == ["Bearer model-key"]  # the server's own, never the program's
    assert used(fresh_user) == (1, 5, 2)


def test_an_answer_is_streamed_in_chunks_with_usage_only_when_asked_for(
    fresh_user: Client, editor: Client, model: ModelServer
) -> None:
    plain = complete(editor, stream=True)
    assert plain.headers["Content-Type"].startswith("text/event-stream")
    assert "no-transform" in plain.headers["Cache-Control"]
    chunks = chunks_of(plain.body)
    said = "".join(choice["delta"].get("content", "") for each in chunks for choice in each["choices"])
    assert said == "Hello, 世界"
    assert {each["model"] for each in chunks} == {"default"}
    assert not any("usage" in each for each in chunks)
    assert all(each["choices"] for each in chunks)

    with_usage = chunks_of(complete(editor, stream=True, stream_options={"include_usage": True}).body)
    assert with_usage[-1]["usage"] == {"prompt_tokens": 5, "completion_tokens": 2}
    assert [asked["stream_options"] for asked in model.requests] == [{"include_usage": True}] * 2
    assert used(fresh_user) == (2, 10, 4)


def test_chunks_arrive_as_they_come_and_calls_of_tools_whole(editor: Client, model: ModelServer) -> None:
    call = {"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": '{"a'}}]}
    model.behaviour.chunks = (chunk(call), chunk({}, finish_reason="tool_calls"), DONE)
    model.behaviour.delay = 3
    began = time.monotonic()
    response, connection = editor.open(
        "POST", "/v1/chat/completions", {"model": "default", "messages": MESSAGES, "stream": True}
    )
    assert json.loads(response.readline()[6:])["choices"][0]["delta"] == call
    assert time.monotonic() - began < model.behaviour.delay
    connection.close()


@pytest.mark.parametrize("way", ["whole", "stream"])
def test_half_a_character_is_no_reason_to_lose_an_answer(editor: Client, model: ModelServer, way: str) -> None:
    stream = way == "stream"
    if stream:
        model.behaviour.chunks = (chunk({"content": "a\ud83d"}), chunk({"content": "b"}, finish_reason="stop"), DONE)
        chunks = chunks_of(complete(editor, stream=True).body)
        said = "".join(choice["delta"].get("content", "") for each in chunks for choice in each["choices"])
    else:
        choice = {"index": 0, "message": {"role": "assistant", "content": "a\ud83db"}, "finish_reason": "stop"}
        answers_whole(model, {**WHOLE, "choices": [{**choice, "logprobs": float("nan")}]})
        said = complete(editor).json["choices"][0]["message"]["content"]
    assert said == "a?b"


def test_a_server_that_does_not_stream_is_no_reason_not_to(editor: Client, model: ModelServer) -> None:
    answers_whole(model)
    (only,) = chunks_of(complete(editor, stream=True).body)
    assert only["object"] == "chat.completion.chunk"
    assert only["choices"][0]["delta"]["content"] == "Hello"


@pytest.mark.slow
def test_a_server_without_stream_options_is_asked_without_them(make_backend: MakeBackend, model: ModelServer) -> None:
    editor = program(new_user(make_backend().start(), "ann"))  # a process of its own, as it remembers a refusal
    model.behaviour.refuses_stream_options = True
    answer = complete(editor, stream=True, stream_options={"include_usage": True})
    assert answer.status == 200
    assert chunks_of(answer.body)


@pytest.mark.parametrize("name", ["default", "test-model"])
def test_a_model_is_found_by_its_id_and_by_the_name_its_server_gives_it(
    editor: Client, model: ModelServer, name: str
) -> None:
    answers_whole(model)
    assert complete(editor, model=name).json["model"] == name


def test_an_image_inside_the_request_is_passed_on_even_a_large_one(editor: Client, model: ModelServer) -> None:
    answers_whole(model)
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 6_000_000}}
    assert complete(editor, messages=[{"role": "user", "content": [image]}]).status == 200
    assert model.requests[0]["messages"][0]["content"] == [image]


@pytest.mark.parametrize("way", ["whole", "stream"])
@pytest.mark.parametrize(
    ("status", "said", "expected"),
    [
        (400, {"error": {"message": "max_tokens is too large"}}, (400, "invalid_request_error", "model_refused")),
        (429, {"error": {"message": "slow down"}}, (429, "rate_limit_error", "model_busy")),
        (401, {"error": {"message": "key model-key"}}, (502, "server_error", "model_wrong_key")),
        (500, {}, (502, "server_error", "model_failed")),
        (200, {"error": {"message": "out of memory"}}, (502, "server_error", "model_failed")),
    ],
)
def test_an_error_of_the_model_server_is_an_error_of_the_same_shape(  # noqa: PLR0913 - one case
    editor: Client, model: ModelServer, *, way: str, status: int, said: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    answers_whole(model, said, status)
    answer = complete(editor, stream=way == "stream")
    assert error_of(answer) == expected
    assert "model-key" not in answer.body.decode()


def test_an_error_in_the_middle_of_a_stream_is_an_event_and_no_done(editor: Client, model: ModelServer) -> None:
    model.behaviour.chunks, model.behaviour.cut_after = HELLO[:2], True
    lines = [line for line in complete(editor, stream=True).body.split(b"\n") if line.startswith(b"data: ")]
    assert json.loads(lines[-1][6:])["error"]["code"] == "model_cut_off"


@pytest.mark.slow
def test_a_silent_model_is_a_timeout(editor: Client, model: ModelServer) -> None:
    model.behaviour.silence = 3  # the shared backend waits for one second
    assert error_of(complete(editor)) == (504, "server_error", "model_timeout")


@pytest.mark.slow
@pytest.mark.parametrize("way", ["whole", "stream"])
def test_a_program_that_leaves_ends_the_answer_at_the_model_server_and_pays_for_what_came(
    fresh_user: Client, editor: Client, model: ModelServer, way: str
) -> None:
    stream = way == "stream"
    if stream:
        model.behaviour.chunks, model.behaviour.delay = ENDLESS, 0.02
    else:
        model.behaviour.hang_after, model.behaviour.chunks = True, ()
    body = {"model": "default", "messages": MESSAGES, "stream": stream}
    if stream:
        response, connection = editor.open("POST", "/v1/chat/completions", body)
        assert response.readline().startswith(b"data: ")
        response.close()
        connection.close()
    else:
        with pytest.raises(TimeoutError):
            editor.leave_after(0.5, "/v1/chat/completions", body)
    assert model.cancelled.wait(20)
    deadline = time.monotonic() + 60
    while fresh_user.get("/api/usage").json["streams"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert (used(fresh_user)[2] > 0) == stream


@pytest.mark.slow
def test_an_account_that_is_locked_out_gets_no_more_of_an_answer(
    admin: Client, fresh_user: Client, editor: Client, model: ModelServer
) -> None:
    model.behaviour.chunks, model.behaviour.delay = ENDLESS, 0.05
    user_id = fresh_user.user_id
    body = {"model": "default", "messages": MESSAGES, "stream": True}
    response, connection = editor.open("POST", "/v1/chat/completions", body)
    admin.post(f"/api/admin/users/{user_id}/deactivate")
    began = time.monotonic()
    response.read()
    assert time.monotonic() - began < 10
    connection.close()
    assert model.cancelled.wait(20)


@pytest.mark.slow
def test_the_limits_are_those_of_the_page_and_count_with_it(make_backend: MakeBackend, model: ModelServer) -> None:
    backend = make_backend(LIMITS='{"user": {"messages_per_minute": 2}}').start()
    ann = new_user(backend, "ann")
    editor = program(ann)
    ann.ask(ann.new_conversation())
    assert complete(editor, stream=True).status == 200
    refused = complete(editor)
    assert error_of(refused) == (429, "rate_limit_error", "message_limit")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    page = ann.post(f"/api/conversations/{ann.new_conversation()}/messages", {"content": "Hi"})
    assert (page.status, page.json["code"]) == (429, "message_limit")
    assert editor.get("/v1/models").status == 200


def test_what_is_not_there_is_told_in_the_shape_of_the_path(editor: Client) -> None:
    assert error_of(editor.get("/v1/embeddings")) == (404, "invalid_request_error", "not_found")
    assert error_of(editor.get("/v1/chat/completions"))[0] == 405
    assert editor.get("/api/none").json["code"] == "not_found"
    huge = editor.post("/v1/chat/completions", b" " * 22_000_000, Content_Type="application/json")
    assert error_of(huge) == (413, "invalid_request_error", "too_large")
