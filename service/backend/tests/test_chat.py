from __future__ import annotations

import time
from collections.abc import Callable
from itertools import groupby

import pytest
from backend_process import Backend
from client import Client, names, text_of
from conftest import new_user
from model_server import DONE, HELLO, ModelServer, chunk


def test_words_that_come_together_are_told_in_one_piece(user: Client, model: ModelServer) -> None:
    model.behaviour.chunks = (b"".join(chunk({"content": word}) for word in ("Hello", ", ", "世界")), *HELLO[3:4], DONE)
    conversation = user.new_conversation()
    events = user.ask(conversation)
    assert [(event.data["text"], event.id) for event in events if event.name == "token"] == [("Hello, 世界", "0-9")]
    assert user.get(f"/api/conversations/{conversation}").json["messages"][-1]["content"] == "Hello, 世界"


def test_an_answer_streams_and_is_stored(user: Client, model: ModelServer) -> None:
    conversation = user.new_conversation()
    events = user.ask(conversation, "Say hello")
    assert [name for name, _ in groupby(names(events))] == ["start", "token", "usage", "done"]
    assert text_of(events) == "Hello, 世界"
    assert events[-1].data["status"] == "complete"
    assert events[-1].data["finish_reason"] == "stop"
    stored = user.get(f"/api/conversations/{conversation}").json
    assert stored["title"] == "Say hello"
    question, answer = stored["messages"]
    assert (question["role"], question["content"]) == ("user", "Say hello")
    assert (answer["role"], answer["content"], answer["status"]) == ("assistant", "Hello, 世界", "complete")
    assert answer["usage"] == {"prompt_tokens": 5, "completion_tokens": 2}
    assert answer["id"] == events[0].data["message_id"]


def test_the_model_reads_the_conversation_so_far_with_its_key(user: Client, model: ModelServer) -> None:
    conversation = user.new_conversation()
    user.ask(conversation, "first")
    user.ask(conversation, "second")
    asked = model.requests[-1]
    assert asked["model"] == "test-model"
    assert asked["stream_options"] == {"include_usage": True}
    assert asked["messages"] == [
        {"role": "user", "content": "first"},
        {"role": "assistant", "content": "Hello, 世界"},
        {"role": "user", "content": "second"},
    ]
    assert model.keys[-1] == "Bearer model-key"


def test_both_names_of_the_reasoning_field_are_read(user: Client, model: ModelServer) -> None:
    model.behaviour.chunks = (
        chunk({"reasoning_content": "old "}),
        chunk({"reasoning": "new", "reasoning_content": "new"}),
        chunk({"content": "42"}, finish_reason="stop"),
        DONE,
    )
    conversation = user.new_conversation()
    events = user.ask(conversation)
    assert text_of(events, "reasoning") == "old new"
    assert text_of(events) == "42"
    assert user.get(f"/api/conversations/{conversation}").json["messages"][1]["reasoning"] == "old new"


def test_a_line_split_over_chunks_in_the_middle_of_a_character_is_one_line(user: Client, model: ModelServer) -> None:
    whole = 'data: {"choices":[{"delta":{"content":"世界"},"finish_reason":"stop"}]}\r\n\r\ndata: [DONE]\r\n\r\n'
    model.behaviour.chunks = tuple(bytes([byte]) for byte in whole.encode())
    assert text_of(user.ask(user.new_conversation())) == "世界"


def test_a_server_without_usage_works(user: Client, model: ModelServer) -> None:
    model.behaviour.chunks = (chunk({"content": "yes"}, finish_reason="stop"), DONE)
    events = user.ask(user.new_conversation())
    assert names(events) == ["start", "token", "done"]


@pytest.mark.slow
def test_a_server_that_refuses_stream_options_works(make_backend: Callable[..., Backend], model: ModelServer) -> None:
    user = new_user(make_backend().start(), "ann")  # a process of its own: it remembers what a server refuses
    model.behaviour.refuses_stream_options = True
    conversation = user.new_conversation()
    assert text_of(user.ask(conversation)) == "Hello, 世界"
    assert "stream_options" not in model.requests[-1]


def test_a_server_that_answers_plain_json_works(user: Client, model: ModelServer) -> None:
    model.behaviour.content_type = "application/json"
    model.behaviour.body = (
        b'{"choices":[{"message":{"role":"assistant","content":"whole"},"finish_reason":"stop"}],'
        b'"usage":{"prompt_tokens":3,"completion_tokens":1}}'
    )
    events = user.ask(user.new_conversation())
    assert names(events) == ["start", "token", "usage", "done"]
    assert text_of(events) == "whole"


def test_a_server_that_never_says_done_works(user: Client, model: ModelServer) -> None:
    model.behaviour.chunks = (chunk({"content": "ok"}, finish_reason="stop"),)
    assert user.ask(user.new_conversation())[-1].data["status"] == "complete"


@pytest.mark.slow
def test_a_ping_comes_before_anything_else_and_nothing_may_buffer(user: Client, model: ModelServer) -> None:
    model.behaviour.silence = 0.8
    with user.stream(user.new_conversation()) as stream:
        began = time.monotonic()
        assert stream.response.readline() == b": ping\n"
        assert time.monotonic() - began < model.behaviour.silence
        assert stream.response.headers["Content-Type"].startswith("text/event-stream")
        assert stream.response.headers["Cache-Control"] == "no-cache, no-transform"
        assert stream.response.headers["X-Accel-Buffering"] == "no"
        assert list(stream.events())[-1].data["status"] == "complete"


def test_an_empty_question_is_refused(user: Client) -> None:
    answer = user.post(f"/api/conversations/{user.new_conversation()}/messages", {"content": "  "})
    assert answer.status == 422
    assert answer.json["code"] == "invalid_request"


def test_an_unknown_model_is_refused(user: Client) -> None:
    path = f"/api/conversations/{user.new_conversation()}/messages"
    assert user.post(path, {"content": "Hi", "model_id": "none"}).json["code"] == "model_not_configured"


def test_half_an_emoji_is_no_reason_to_lose_an_answer(user: Client, model: ModelServer) -> None:
    model.behaviour.chunks = (
        b'data: {"choices":[{"delta":{"content":"a\\ud83d"},"finish_reason":"stop"}]}\n\n',
        DONE,
    )
    events = user.ask(user.new_conversation())
    assert text_of(events) == "a?"
    assert events[-1].data["status"] == "complete"
