"""`kill -9` in the middle of fifty answers: nothing is lost, and nothing is half-written without saying so."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from backend_process import Backend
from client import Client, Event, Stream, names, text_of
from conftest import NO_LIMITS, new_user
from llmchat_backend.usage.meter import BYTES_OF_A_TOKEN
from model_server import DONE, Behaviour, ModelServer, chunk

pytestmark = pytest.mark.slow

WORDS = [f"word{number} 世界 " for number in range(2000)]
SHORT = "A short answer."
USERS, SHORT_ONES, AGAIN, OTHERWISE = 5, 10, 10, 10
ALL = 50
PAUSE = 0.05  # seconds between two words


@dataclass
class Conversation:
    """One conversation whose answer is read by somebody while its writer is killed."""

    owner: Client
    id: str
    question: str
    earlier: str = ""
    """An answer that was there before and has been asked for anew."""
    seen: list[Event] = field(default_factory=list)

    def read(self, stream: Stream) -> None:
        with stream:
            try:
                self.seen.extend(stream.events())
            except OSError:  # its writer is gone
                return

    @property
    def stored(self) -> list[dict[str, str]]:
        return list(self.owner.get(f"/api/conversations/{self.id}").json["messages"])


def ask(users: list[Client], model: ModelServer) -> list[tuple[Conversation, Stream]]:
    """Begin fifty answers: ten that will have ended, the rest in the middle, some of those not the first ones."""
    begun = []
    for number in range(ALL):
        owner, question = users[number % USERS], f"Question {number}?"
        asked = Conversation(owner, owner.new_conversation(), question)
        model.behaviour = Behaviour(chunks=(chunk({"content": SHORT}), chunk({}, finish_reason="stop"), DONE))
        path, body = f"/api/conversations/{asked.id}/messages", {"content": question}
        if number >= ALL - AGAIN - OTHERWISE:
            start = owner.ask(asked.id, question)[0].data
            if number % 2:
                path, body = f"/api/messages/{start['message_id']}/regenerate", {}
                asked.earlier = SHORT
            else:
                asked.question = f"Other words {number}"
                path, body = f"/api/messages/{start['user_message_id']}/edit", {"content": asked.question}
        if number >= SHORT_ONES:
            model.behaviour = Behaviour(chunks=tuple(chunk({"content": word}) for word in WORDS), delay=PAUSE)
        asked_before = len(model.requests)
        begun.append((asked, owner.stream_of(path, body)))
        while len(model.requests) == asked_before:
            time.sleep(0.01)
    return begun


def until_ended(conversations: list[Conversation]) -> None:
    deadline = time.monotonic() + 60
    while any(message["status"] == "running" for each in conversations for message in each.stored):
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_no_answer_is_lost_or_half_written_without_saying_so(
    make_backend: Callable[..., Backend], model: ModelServer
) -> None:
    backend = make_backend(LIMITS=NO_LIMITS).start()
    users = [new_user(backend, f"user{number}") for number in range(USERS)]
    begun = ask(users, model)
    readers = [threading.Thread(target=each.read, args=(stream,)) for each, stream in begun]
    for reader in readers:
        reader.start()
    time.sleep(6)  # longer than the time between two saves
    backend.end(signal.SIGKILL)
    for reader in readers:
        reader.join(20)

    backend.start()  # nobody waits for old heartbeats: a slot is one process
    conversations = [each for each, _ in begun]
    until_ended(conversations)
    for user in users:
        mine = {each.id for each in conversations if each.owner is user}
        assert {item["id"] for item in user.get("/api/conversations").json["items"]} == mine
    for each in conversations:
        holds_what_it_says(each)
    assert sum(each.stored[1]["status"] == "complete" for each in conversations) >= SHORT_ONES
    assert sum(each.stored[1]["status"] == "interrupted" for each in conversations) >= ALL - SHORT_ONES - 1

    for user in users:
        used = user.get("/api/usage").json
        assert used["streams"] == 0
        assert used["days"][0]["completion_tokens"] >= sum(
            len(each.stored[1]["content"].encode()) // BYTES_OF_A_TOKEN
            for each in conversations
            if each.owner is user and each.stored[1]["status"] == "interrupted"
        )

    model.reset()
    for each in conversations[SHORT_ONES :: SHORT_ONES // 2]:
        goes_on(each)


def holds_what_it_says(each: Conversation) -> None:
    """Compare what is stored with what its reader saw, and with what the model says."""
    question, answer = each.stored
    assert (question["role"], question["content"], question["status"]) == ("user", each.question, "complete")
    if names(each.seen)[-1] == "done":
        assert answer["status"] == "complete"
    whole = SHORT if answer["status"] == "complete" else "".join(WORDS)
    assert answer["content"] == whole[: len(answer["content"])]
    if answer["status"] == "complete":
        assert answer["content"] == SHORT
        return
    assert answer["status"] == "interrupted"
    assert answer["content"]
    assert answer["content"].count("word") >= text_of(each.seen).count("word") - 4 / PAUSE
    with each.owner.resume(answer["id"]) as stream:
        read = list(stream.events())
    assert (text_of(read), read[-1].data["status"]) == (answer["content"], "interrupted")
    exported = each.owner.get(f"/api/conversations/{each.id}/export?format=markdown").body.decode()
    assert "interrupted" in exported
    if each.earlier:
        (version,) = each.owner.get(f"/api/messages/{answer['id']}/versions").json["answers"]
        assert (version["content"], version["status"]) == (each.earlier, "complete")


def goes_on(each: Conversation) -> None:
    """Have the answer anew, which keeps what there was of it, and ask the next question."""
    cut = each.stored[1]
    with each.owner.stream_of(f"/api/messages/{cut['id']}/regenerate", {}) as stream:
        assert text_of(list(stream.events())) == "Hello, 世界"
    again = each.stored[1]
    versions = each.owner.get(f"/api/messages/{again['id']}/versions").json["answers"]
    assert [version["content"] for version in versions] == [*filter(None, [each.earlier]), cut["content"]]
    assert versions[-1]["status"] == "interrupted"
    assert names(each.owner.ask(each.id, "And then?"))[-1] == "done"
    assert len(each.stored) == 4
