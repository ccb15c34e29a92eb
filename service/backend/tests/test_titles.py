"""Titles in the model's words, in the background: nobody waits for one, and without one the first line stays."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from backend_process import Backend
from client import Client, text_of
from conftest import new_user
from llmchat_backend.chat.titles import clean
from model_server import DONE, ModelServer, chunk

pytestmark = pytest.mark.slow

MakeBackend = Callable[..., Backend]


@pytest.fixture
def ann(make_backend: MakeBackend) -> Client:
    return new_user(make_backend(TITLES="model").start(), "ann")


def title_of(user: Client, conversation: str) -> str:
    return str(user.get(f"/api/conversations/{conversation}").json["title"])


def wait_for_title(user: Client, conversation: str, title: str) -> None:
    deadline = time.monotonic() + 60
    while title_of(user, conversation) != title:
        assert time.monotonic() < deadline, title_of(user, conversation)
        time.sleep(0.02)


def wait_for_requests(model: ModelServer, count: int) -> None:
    deadline = time.monotonic() + 60
    while len(model.requests) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_first_line_is_the_title_until_the_model_has_given_one(ann: Client, model: ModelServer) -> None:
    conversation = ann.new_conversation()
    model.behaviour.title = (chunk({"content": '"Greeting'}), chunk({"content": ' the World"\n'}), DONE)
    model.behaviour.title_delay = 0.3
    assert ann.ask(conversation, "Say hello\nto all")[0].data["title"] == "Say hello"
    assert title_of(ann, conversation) == "Say hello"
    wait_for_title(ann, conversation, "Greeting the World")
    asked = model.requests[-1]
    assert asked["max_tokens"] == 256
    assert "Say hello\nto all" in asked["messages"][0]["content"]
    assert "Hello, 世界" in asked["messages"][0]["content"]


def test_only_the_first_answer_asks_for_a_title(ann: Client, model: ModelServer) -> None:
    conversation = ann.new_conversation()
    model.behaviour.title = (chunk({"content": "Greeting"}, finish_reason="stop"), DONE)
    ann.ask(conversation, "one")
    wait_for_title(ann, conversation, "Greeting")
    ann.ask(conversation, "two")
    time.sleep(0.2)
    assert len(model.requests) == 3


def test_a_title_somebody_chose_meanwhile_stays(ann: Client, model: ModelServer) -> None:
    conversation = ann.new_conversation()
    model.behaviour.title = (chunk({"content": "Greeting"}, finish_reason="stop"), DONE)
    model.behaviour.title_delay = 0.3
    ann.ask(conversation, "one")
    ann.request("PATCH", f"/api/conversations/{conversation}", {"title": "Mine"})
    wait_for_requests(model, 2)
    time.sleep(0.6)
    assert title_of(ann, conversation) == "Mine"


def test_the_call_lets_go_of_the_model_when_the_conversation_goes_on(ann: Client, model: ModelServer) -> None:
    conversation = ann.new_conversation()
    model.behaviour.title = tuple(chunk({"content": "x"}) for _ in range(600))
    model.behaviour.title_delay = 0.1
    ann.ask(conversation, "one")
    wait_for_requests(model, 2)
    began = time.monotonic()
    assert text_of(ann.ask(conversation, "two")) == "Hello, 世界"
    assert model.cancelled.wait(30)
    assert time.monotonic() - began < 30  # the title would take a minute
    assert title_of(ann, conversation) == "one"


@pytest.mark.parametrize(
    "answer", [(b"data: {broken\n\n",), (chunk({"reasoning": "hm"}), DONE), (chunk({"content": "y" * 81}), DONE)]
)
def test_a_title_that_fails_is_no_trouble(ann: Client, model: ModelServer, answer: tuple[bytes, ...]) -> None:
    conversation = ann.new_conversation()
    model.behaviour.title = answer
    assert ann.ask(conversation, "one")[-1].data["status"] == "complete"
    wait_for_requests(model, 2)
    time.sleep(0.2)
    assert title_of(ann, conversation) == "one"
    model.behaviour.title = (chunk({"content": "Works again"}, finish_reason="stop"), DONE)
    other = ann.new_conversation()
    ann.ask(other, "two")
    wait_for_title(ann, other, "Works again")


def test_the_tokens_of_a_title_are_its_user_s_whether_the_server_counts_them_or_not(
    ann: Client, model: ModelServer
) -> None:
    spent = 5 + 2  # for the answer
    counted = chunk(None, usage={"prompt_tokens": 40, "completion_tokens": 3})
    for words, at_least in (((chunk({"content": "One"}), counted, DONE), 43), ((chunk({"content": "Two\n"}),), 10)):
        model.behaviour.title = words
        ann.ask(ann.new_conversation(), "one")
        spent += at_least
        deadline = time.monotonic() + 60
        while ann.get("/api/usage").json["tokens_today"] < spent:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        spent = ann.get("/api/usage").json["tokens_today"] + 5 + 2
    (day,) = ann.get("/api/usage").json["days"]
    assert day["requests"] == 2


def test_no_title_is_asked_for_where_the_settings_say_so(user: Client, model: ModelServer) -> None:
    user.ask(user.new_conversation(), "one")
    time.sleep(0.2)
    assert len(model.requests) == 1


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("Paris", "Paris"),
        ('**"Paris  in\tspring."**\nI hope that helps', "Paris in spring"),
        ("标题\uff1a《春天的巴黎》。", "春天的巴黎"),
        ("Title: What is love?", "What is love?"),
        ("The **capital** of *France*", "The capital of France"),
        ("# 法国的**首都**在哪里", "法国的首都在哪里"),
        ("Using `a_name` and ~~not~~ __init__", "Using a_name and not init"),
        ("See [Paris](https://example.com/x_y)", "See Paris"),
        ("2*3*4 and a_long_name", "2*3*4 and a_long_name"),
        ("<think>\nlong\n</think>\n\nParis", "Paris"),
        ("<think>never ends", None),
        ("", None),
        ("  \n ", None),
        ("a" * 81, None),
        ("**a " * 1000, None),
        ("a\u202eb", None),
    ],
)
def test_what_a_model_says_becomes_a_title_or_nothing(said: str, title: str | None) -> None:
    assert clean(said) == title
