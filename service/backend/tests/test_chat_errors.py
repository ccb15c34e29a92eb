from __future__ import annotations

from typing import Any

import pytest
from client import Client, Event, names, text_of
from model_server import HELLO, ModelServer, chunk


def error_of(events: list[Event]) -> Event:
    """The stream was not cut: it has one error, and `done` after it."""
    assert names(events)[-2:] == ["error", "done"]
    assert events[-1].data["status"] == "error"
    return events[-2]


FINAL = {
    "model_wrong_key": [(401, b'{"error":{"message":"Incorrect API key provided: model-key"}}'), (403, b"")],
    "model_unknown": [(404, b'{"error":{"message":"The model `x` does not exist"}}')],
    "model_wrong_path": [(404, b'{"detail":"Not Found"}'), (405, b""), (307, b"")],
    "model_refused": [(400, b'{"error":{"message":"context length exceeded"}}'), (413, b"")],
}
RETRYABLE = {
    "model_busy": [(429, b'{"error":{"message":"slow down"}}')],
    "model_failed": [(500, b"<html>oops</html>"), (503, b"")],
    "model_timeout": [(504, b"")],
}
CASES = [(code, *answer) for code, answers in (FINAL | RETRYABLE).items() for answer in answers]


@pytest.mark.parametrize(("code", "status", "body"), CASES)
def test_a_status_is_an_error_event(user: Client, model: ModelServer, code: str, status: int, body: bytes) -> None:
    model.behaviour.status, model.behaviour.body = status, body
    error = error_of(user.ask(user.new_conversation()))
    assert (error.data["code"], error.data["retryable"]) == (code, code in RETRYABLE)
    assert "model-key" not in error.data["message"]


def test_what_the_server_says_is_quoted_without_the_key(user: Client, model: ModelServer) -> None:
    model.behaviour.status = 400
    model.behaviour.body = b'{"error":{"message":"too long,\\n dear model-key"}}'
    error = error_of(user.ask(user.new_conversation()))
    assert error.data["message"] == "The model server refused the request: too long, dear ***."


@pytest.mark.parametrize(
    ("chunks", "code"),
    [
        ((chunk({"content": "half"}), b"data: {broken\n\n"), "model_bad_answer"),
        ((b'data: {"choices":[{"delta":{"content":"\xff\xfe"}}]}\n\n',), "model_bad_answer"),
        ((b'data: ["not an object"]\n\n',), "model_bad_answer"),
        ((b'data: {"choices":[7]}\n\n',), "model_bad_answer"),
        ((chunk({"content": "half"}), b'data: {"error":{"message":"out of memory"}}\n\n'), "model_failed"),
        ((chunk({"content": "half"}),), "model_cut_off"),
        ((), "model_cut_off"),
    ],
)
def test_a_broken_stream_is_an_error_event(
    user: Client, model: ModelServer, chunks: tuple[bytes, ...], code: str
) -> None:
    model.behaviour.chunks = chunks
    assert error_of(user.ask(user.new_conversation())).data["code"] == code


def test_what_came_together_with_something_broken_is_kept(user: Client, model: ModelServer) -> None:
    model.behaviour.chunks = (chunk({"content": "Hel"}) + chunk({"content": "lo"}) + b"data: {broken\n\n",)
    conversation = user.new_conversation()
    events = user.ask(conversation)
    assert text_of(events) == "Hello"
    assert error_of(events).data["code"] == "model_bad_answer"
    assert user.get(f"/api/conversations/{conversation}").json["messages"][-1]["content"] == "Hello"


def test_a_connection_broken_in_the_middle_keeps_what_came(user: Client, model: ModelServer) -> None:
    model.behaviour.chunks, model.behaviour.cut_after = HELLO[:2], True
    conversation = user.new_conversation()
    events = user.ask(conversation)
    assert text_of(events) == "Hello"
    assert error_of(events).data["code"] == "model_cut_off"
    answer = user.get(f"/api/conversations/{conversation}").json["messages"][1]
    assert (answer["content"], answer["status"], answer["error_code"]) == ("Hello", "error", "model_cut_off")


def test_a_web_page_instead_of_an_answer_is_an_error_event(user: Client, model: ModelServer) -> None:
    model.behaviour.body, model.behaviour.content_type = b"<html>Welcome</html>", "text/html"
    assert error_of(user.ask(user.new_conversation())).data["code"] == "model_bad_answer"


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before the answer", "within the answer"])
def test_a_silent_model_is_the_guides_time_out_message(user: Client, model: ModelServer, when: str) -> None:
    if when == "before the answer":
        model.behaviour.silence = 5
    else:
        model.behaviour.chunks, model.behaviour.hang_after = HELLO[:2], True
    error = error_of(user.ask(user.new_conversation()))
    assert error.data == {
        "code": "model_timeout",
        "message": "模型响应超时，请检查网络连接或稍后重试",  # noqa: RUF001
        "retryable": True,
    }


FAILURES: dict[str, tuple[str, dict[str, Any]]] = {
    "400": ("model_refused", {"status": 400}),
    "401": ("model_wrong_key", {"status": 401}),
    "404": ("model_wrong_path", {"status": 404}),
    "429": ("model_busy", {"status": 429}),
    "500": ("model_failed", {"status": 500}),
    "broken JSON": ("model_bad_answer", {"chunks": (*HELLO[:2], b"data: {broken\n\n")}),
    "broken UTF-8": (
        "model_bad_answer",
        {"chunks": (*HELLO[:2], b'data: {"choices":[{"delta":{"content":"\xff"}}]}\n\n')},
    ),
    "a cut": ("model_cut_off", {"chunks": HELLO[:2], "cut_after": True}),
    "silence": ("model_timeout", {"silence": 5}),
    "silence within": ("model_timeout", {"chunks": HELLO[:2], "hang_after": True}),
}


SLOW = {"silence", "silence within"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in FAILURES]
)
def test_whatever_fails_is_stored_with_its_reason_and_the_question_can_be_answered_again(
    user: Client, model: ModelServer, name: str
) -> None:
    code, behaviour = FAILURES[name]
    for field, value in behaviour.items():
        setattr(model.behaviour, field, value)
    conversation = user.new_conversation()
    events = user.ask(conversation, "Why?")
    question, answer = user.get(f"/api/conversations/{conversation}").json["messages"]
    assert (question["content"], question["status"]) == ("Why?", "complete")
    assert (answer["status"], answer["error_code"], answer["content"]) == ("error", code, text_of(events))
    told = error_of(events).data
    assert (answer["error_message"], answer["retryable"]) == (told["message"], told["retryable"])
    if code == "model_timeout":
        assert answer["error_message"] == "模型响应超时，请检查网络连接或稍后重试"  # noqa: RUF001
    model.reset()
    with user.stream_of(f"/api/messages/{answer['id']}/regenerate", None) as stream:
        assert text_of(list(stream.events())) == "Hello, 世界"
    assert [m["content"] for m in user.get(f"/api/conversations/{conversation}").json["messages"]] == [
        "Why?",
        "Hello, 世界",
    ]


def test_after_an_error_the_question_can_be_asked_again(user: Client, model: ModelServer) -> None:
    conversation = user.new_conversation()
    model.behaviour.status = 500
    user.ask(conversation, "first")
    model.reset()
    assert user.ask(conversation, "again")[-1].data["status"] == "complete"
    assert model.requests[-1]["messages"] == [{"role": "user", "content": "first\n\nagain"}]
