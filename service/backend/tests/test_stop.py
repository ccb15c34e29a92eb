"""Stopping stops the model server's work too: its connection is closed, at once, whatever the answer is at."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from backend_process import Backend
from client import Client, names
from conftest import new_user
from model_server import ModelServer, chunk

SLOW = tuple(chunk({"content": f"{number} "}) for number in range(200))
STATES: dict[str, dict[str, Any]] = {
    "before the headers": {"silence": 0.9},
    "before the first token": {"chunks": (), "hang_after": True},
    "while tokens come": {"chunks": SLOW, "delay": 0.02},
    "in a silence between tokens": {"chunks": SLOW[:2], "hang_after": True},
    "while it thinks": {"chunks": (chunk({"reasoning": "hm"}),), "hang_after": True},
}


def seconds_until_the_model_server_is_let_go(stopper: Client, message_id: str, model: ModelServer) -> float:
    began = time.monotonic()
    assert stopper.post(f"/api/messages/{message_id}/stop").status == 202
    assert model.cancelled.wait(30)
    return model.cancelled_at - began


@pytest.mark.parametrize("state", STATES)
def test_the_connection_to_the_model_server_is_closed_at_once(user: Client, model: ModelServer, state: str) -> None:
    for field, value in STATES[state].items():
        setattr(model.behaviour, field, value)
    conversation = user.new_conversation()
    with user.stream(conversation) as stream:
        events = stream.events()
        message_id = next(events).data["message_id"]
        while not model.requests:
            time.sleep(0.01)
        time.sleep(0.1)
        assert seconds_until_the_model_server_is_let_go(user, message_id, model) < 0.5
        rest = list(events)
    assert names(rest)[-1] == "done"
    assert rest[-1].data["status"] == "stopped"
    assert user.get(f"/api/conversations/{conversation}").json["messages"][1]["status"] == "stopped"


@pytest.mark.slow
def test_the_other_slot_lets_go_within_a_second(make_backend: Callable[..., Backend], model: ModelServer) -> None:
    model.behaviour.chunks, model.behaviour.hang_after = SLOW[:2], True
    ann = new_user(make_backend("a").start(), "ann")
    slot_b = Client(str(make_backend("b").start().socket_path), ann.headers)
    took = []
    for _ in range(5):
        model.cancelled.clear()
        with ann.stream(ann.new_conversation()) as stream:
            message_id = next(stream.events()).data["message_id"]
            time.sleep(0.15)
            took.append(seconds_until_the_model_server_is_let_go(slot_b, message_id, model))
    assert max(took) < 1, took
