from __future__ import annotations

import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
from backend_process import Backend
from client import PASSWORD, Client, text_of
from model_server import DONE, ModelServer, chunk

pytestmark = pytest.mark.slow

SLOW = tuple(chunk({"content": f"{number} "}) for number in range(400))


def new_user(backend: Backend) -> Client:
    backend.client.post("/api/auth/register", {"username": "ann", "password": PASSWORD})
    return backend.client.log_in("ann")


def last_message(user: Client, conversation: str) -> dict[str, Any]:
    return user.get(f"/api/conversations/{conversation}").json["messages"][-1]


def wait_for(user: Client, conversation: str, status: str, seconds: float = 60) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while (message := last_message(user, conversation))["status"] != status:
        assert time.monotonic() < deadline, message
        time.sleep(0.05)
    return message


def test_an_answer_goes_on_and_is_stored_when_the_browser_leaves(user: Client, model: ModelServer) -> None:
    model.behaviour.delay = 0.1
    conversation = user.new_conversation()
    with user.stream(conversation) as stream:
        assert next(stream.events()).name == "start"
    assert wait_for(user, conversation, "complete")["content"] == "Hello, 世界"


def test_stop_ends_the_answer_here_and_at_the_model_and_keeps_what_came(user: Client, model: ModelServer) -> None:
    model.behaviour.chunks, model.behaviour.delay = SLOW, 0.02
    conversation = user.new_conversation()
    with user.stream(conversation) as stream:
        events = stream.events()
        start = next(events)
        assert next(events).name == "token"
        assert user.post(f"/api/messages/{start.data['message_id']}/stop").status == 202
        rest = list(events)
    assert rest[-1].data["status"] == "stopped"
    assert last_message(user, conversation)["content"].startswith("0 ")
    assert model.cancelled.wait(2)


def test_nobody_stops_the_answer_of_another(user: Client, other_user: Client, model: ModelServer) -> None:
    message_id = user.ask(user.new_conversation())[0].data["message_id"]
    assert other_user.post(f"/api/messages/{message_id}/stop").status == 404


def test_a_second_question_waits_for_the_first_answer(user: Client, model: ModelServer) -> None:
    model.behaviour.chunks, model.behaviour.delay = SLOW, 0.02
    conversation = user.new_conversation()
    with user.stream(conversation) as stream:
        start = next(stream.events())
        refused = user.post(f"/api/conversations/{conversation}/messages", {"content": "and?"})
        assert (refused.status, refused.json["code"]) == (409, "answer_running")
        user.post(f"/api/messages/{start.data['message_id']}/stop")


def test_deleting_a_conversation_ends_its_answer(user: Client, model: ModelServer) -> None:
    model.behaviour.chunks, model.behaviour.delay = SLOW, 0.02
    conversation = user.new_conversation()
    with user.stream(conversation) as stream:
        events = stream.events()
        next(events)
        assert user.request("DELETE", f"/api/conversations/{conversation}").status == 204
        assert list(events)[-1].data["status"] == "stopped"


def test_the_other_slot_stops_an_answer_and_leaves_running_ones_alone(
    make_backend: Callable[..., Backend], model: ModelServer
) -> None:
    model.behaviour.chunks, model.behaviour.delay = SLOW, 0.02
    user = new_user(make_backend("a").start())
    conversation = user.new_conversation()
    with user.stream(conversation) as stream:
        events = stream.events()
        start = next(events)
        slot_b = Client(str(make_backend("b").start().socket_path), user.headers)
        time.sleep(0.5)
        assert last_message(slot_b, conversation)["status"] == "running"
        assert slot_b.post(f"/api/messages/{start.data['message_id']}/stop").status == 202
        assert list(events)[-1].data["status"] == "stopped"


def test_a_terminated_process_finishes_its_streams_and_removes_its_socket(
    make_backend: Callable[..., Backend], model: ModelServer
) -> None:
    model.behaviour.delay = 0.2
    backend = make_backend().start()
    user = new_user(backend)
    with user.stream(user.new_conversation()) as stream:
        events = stream.events()
        next(events)
        assert backend.process is not None
        backend.process.terminate()
        rest = list(events)
    assert text_of(rest) == "Hello, 世界"
    assert backend.process.wait(30) == 0
    assert not backend.socket_path.exists()


def test_a_killed_process_s_answer_is_interrupted_with_what_was_saved(
    make_backend: Callable[..., Backend], model: ModelServer
) -> None:
    model.behaviour.chunks, model.behaviour.delay = SLOW, 0.02
    backend = make_backend().start()
    user = new_user(backend)
    conversation = user.new_conversation()
    with user.stream(conversation) as stream:
        next(stream.events())
        time.sleep(4)  # longer than the time between two saves
        backend.end(signal.SIGKILL)
    backend.start()
    answer = wait_for(user, conversation, "interrupted")
    assert answer["content"].startswith("0 1 2 ")


def test_a_process_ends_what_its_predecessor_left_and_nothing_of_the_other_slot(
    make_backend: Callable[..., Backend], model: ModelServer
) -> None:
    model.behaviour.chunks = (*SLOW, chunk({}, finish_reason="stop"), DONE)
    model.behaviour.delay = 0.02
    killed, other = make_backend("a").start(), make_backend("b").start()
    ann = new_user(killed)
    at_the_other = Client(str(other.socket_path), ann.headers)
    left, going_on = ann.new_conversation(), ann.new_conversation()
    with ann.stream(left) as cut, at_the_other.stream(going_on) as whole:
        next(cut.events())
        next(whole.events())
        killed.end(signal.SIGKILL)
        killed.start()
        wait_for(ann, left, "interrupted")
        assert ann.get(f"/api/conversations/{going_on}").json["messages"][-1]["status"] == "running"
        assert list(whole.events())[-1].data["status"] == "complete"
