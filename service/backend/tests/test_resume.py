"""A dropped browser goes on reading: in the slot that writes, in the other one, and after the end."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from backend_process import Backend
from client import Client, Event, names, text_of
from conftest import new_user
from model_server import DONE, ModelServer, chunk

COUNTED = (
    chunk({"reasoning": "嗯"}),
    *(chunk({"content": f"{number} 世界 "}) for number in range(30)),
    chunk({}, finish_reason="stop"),
    chunk(None, usage={"prompt_tokens": 5, "completion_tokens": 30}),
    DONE,
)
WHOLE = "".join(f"{number} 世界 " for number in range(30))


def read(user: Client, message_id: str, after: str | None = None) -> list[Event]:
    with user.resume(message_id, after) as stream:
        return list(stream.events())


def read_some(user: Client, conversation: str, count: int) -> list[Event]:
    """Ask, listen to some events, and let the connection break."""
    with user.stream(conversation) as stream:
        events = stream.events()
        return [next(events) for _ in range(count)]


@pytest.mark.slow
def test_a_dropped_browser_reads_on_where_it_was(user: Client, model: ModelServer) -> None:
    model.behaviour.chunks, model.behaviour.delay = COUNTED, 0.02
    seen = read_some(user, user.new_conversation(), 8)
    rest = read(user, seen[0].data["message_id"], seen[-1].id)
    assert text_of(seen) + text_of(rest) == WHOLE
    assert text_of(seen, "reasoning") + text_of(rest, "reasoning") == "嗯"
    assert names(rest)[-2:] == ["usage", "done"]
    assert rest[-1].data == {"message_id": seen[0].data["message_id"], "status": "complete", "finish_reason": "stop"}


@pytest.mark.slow
def test_what_was_missed_comes_in_one_piece_and_the_rest_as_it_is_written(user: Client, model: ModelServer) -> None:
    model.behaviour.chunks, model.behaviour.delay = COUNTED, 0.03
    seen = read_some(user, user.new_conversation(), 3)
    time.sleep(0.3)
    pieces = [
        event.data["text"] for event in read(user, seen[0].data["message_id"], seen[-1].id) if event.name == "token"
    ]
    assert pieces[0].count("世界") > 3
    assert len(pieces) > 5


@pytest.mark.slow
def test_a_new_page_reads_a_running_answer_from_its_beginning(user: Client, model: ModelServer) -> None:
    model.behaviour.chunks, model.behaviour.delay = COUNTED, 0.02
    seen = read_some(user, user.new_conversation(), 5)
    events = read(user, seen[0].data["message_id"])
    assert (text_of(events, "reasoning"), text_of(events)) == ("嗯", WHOLE)


def test_every_event_of_an_ended_answer_is_a_place_to_go_on_from(user: Client, model: ModelServer) -> None:
    model.behaviour.chunks = COUNTED
    events = user.ask(user.new_conversation())
    message_id = events[0].data["message_id"]
    for number, event in enumerate(events):
        rest = read(user, message_id, event.id)
        for name in ("reasoning", "token"):
            assert text_of(events[: number + 1], name) + text_of(rest, name) == text_of(events, name)
        assert rest[-1].data == events[-1].data


@pytest.mark.slow
def test_an_event_source_that_reconnects_is_understood(user: Client, model: ModelServer) -> None:
    model.behaviour.delay = 0.2  # so that two words are two events
    events = user.ask(user.new_conversation())
    path = f"/api/messages/{events[0].data['message_id']}/stream"
    assert b"Hello" in user.get(path).body
    rest = user.get(path, Last_Event_ID=events[1].id)
    assert b"Hello" not in rest.body
    assert "世界".encode() in rest.body
    assert rest.headers["Cache-Control"] == "no-cache, no-transform"


def test_the_error_of_an_ended_answer_is_told_again(user: Client, model: ModelServer) -> None:
    model.behaviour.chunks = (chunk({"content": "half"}),)
    events = user.ask(user.new_conversation())
    again = read(user, events[0].data["message_id"])
    assert names(again) == ["token", "error", "done"]
    assert [event.data for event in again[1:]] == [event.data for event in events[-2:]]


@pytest.mark.slow
def test_nobody_reads_the_answer_of_another(user: Client, other_user: Client, model: ModelServer) -> None:
    model.behaviour.chunks, model.behaviour.delay = COUNTED, 0.02
    with user.stream(user.new_conversation()) as stream:
        events = stream.events()
        start = next(events)
        path = f"/api/messages/{start.data['message_id']}/stream"
        refused = other_user.get(path)
        assert (refused.status, refused.json["code"]) == (404, "message_not_found")
        assert Client(user.socket_path).get(path).status == 401
        list(events)
    assert other_user.get(path).status == 404
    assert user.get(f"/api/messages/{start.data['user_message_id']}/stream").status == 404


@pytest.mark.parametrize("cursor", ["nonsense", "1", "-1-0", "1-2-3", "9999999999-0", "٣-٣"])
def test_a_cursor_nobody_gave_is_refused(user: Client, model: ModelServer, cursor: str) -> None:
    message_id = user.ask(user.new_conversation())[0].data["message_id"]
    answer = user.get(f"/api/messages/{message_id}/stream?after={quote(cursor)}")
    assert (answer.status, answer.json["code"]) == (422, "bad_cursor")


def test_a_cursor_beyond_the_end_gets_the_end(user: Client, model: ModelServer) -> None:
    message_id = user.ask(user.new_conversation())[0].data["message_id"]
    assert names(read(user, message_id, "999-999")) == ["usage", "done"]


@pytest.mark.slow
def test_an_answer_that_the_other_slot_writes_is_followed_to_its_end(
    make_backend: Callable[..., Backend], model: ModelServer
) -> None:
    model.behaviour.chunks, model.behaviour.delay = COUNTED, 0.2
    ann = new_user(make_backend("a").start(), "ann")
    slot_b = Client(str(make_backend("b").start().socket_path), ann.headers)
    seen = read_some(ann, ann.new_conversation(), 4)
    rest = read(slot_b, seen[0].data["message_id"], seen[-1].id)
    assert text_of(seen) + text_of(rest) == WHOLE
    assert len([event for event in rest if event.name == "token"]) > 1  # it didn't just wait for the end
    assert rest[-1].data["status"] == "complete"


@pytest.mark.slow
def test_a_reader_of_the_other_slot_s_answer_hears_that_its_conversation_is_gone(
    make_backend: Callable[..., Backend], model: ModelServer
) -> None:
    model.behaviour.chunks, model.behaviour.delay = COUNTED, 0.2
    ann = new_user(make_backend("a").start(), "ann")
    slot_b = Client(str(make_backend("b").start().socket_path), ann.headers)
    conversation = ann.new_conversation()
    seen = read_some(ann, conversation, 2)
    with slot_b.resume(seen[0].data["message_id"]) as stream:
        ann.request("DELETE", f"/api/conversations/{conversation}")
        assert list(stream.events())[-1].data["status"] == "stopped"


@pytest.mark.slow
def test_a_reader_hears_that_the_writer_was_killed(make_backend: Callable[..., Backend], model: ModelServer) -> None:
    model.behaviour.chunks, model.behaviour.hang_after = COUNTED[:5], True
    writer = make_backend("a").start()
    ann = new_user(writer, "ann")
    slot_b = Client(str(make_backend("b").start().socket_path), ann.headers)
    seen = read_some(ann, ann.new_conversation(), 3)
    time.sleep(4)  # longer than the time between two saves
    writer.end(signal.SIGKILL)
    writer.age_heartbeats(60)
    rest = read(slot_b, seen[0].data["message_id"], seen[-1].id)
    assert text_of(seen) + text_of(rest) == "".join(f"{number} 世界 " for number in range(4))
    assert rest[-1].data["status"] == "interrupted"
