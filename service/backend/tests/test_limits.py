"""What an account may ask of the models, counted in the database, and what it has used."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from backend_process import Backend
from client import Answer, Client
from conftest import new_admin, new_user
from llmchat_backend.clock import utc_now
from llmchat_backend.db.engine import open_database
from llmchat_backend.db.models import Generation, User
from llmchat_backend.usage import meter
from model_server import DONE, ModelServer, chunk
from openai_client import complete, program, used
from sqlalchemy import select
from sqlalchemy.orm import Session

MakeBackend = Callable[..., Backend]
ENDLESS = tuple(chunk({"content": f"{number} "}) for number in range(2000))


def limited(make_backend: MakeBackend, instance: str = "a", **limits: dict[str, int]) -> Backend:
    return make_backend(instance, LIMITS=json.dumps(limits)).start()


def ask(user: Client, conversation: str = "") -> Answer:
    path = f"/api/conversations/{conversation or user.new_conversation()}/messages"
    return user.post(path, {"content": "Hi"})


def refusal(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["code"] if answer.status != 200 else ""


def sql(backend: Backend, statement: str) -> None:
    with closing(sqlite3.connect(backend.database_file)) as database, database:
        database.execute(statement)


def on(backend: Backend, user: Client) -> Client:
    """Return the same user at another slot."""
    return Client(str(backend.socket_path), user.headers)


@pytest.mark.slow
@pytest.mark.sqlite
def test_more_messages_than_a_minute_may_have_are_refused_until_the_oldest_is_a_minute_old(
    make_backend: MakeBackend, model: ModelServer
) -> None:
    backend = limited(make_backend, user={"messages_per_minute": 2})
    ann, bob = new_user(backend, "ann"), new_user(backend, "bob")
    conversation = ann.new_conversation()
    assert [ask(ann, conversation).status for _ in range(2)] == [200, 200]
    message = ann.get(f"/api/conversations/{conversation}").json["messages"][-1]["id"]
    for answer in (ask(ann, conversation), ann.post(f"/api/messages/{message}/regenerate")):
        assert refusal(answer) == (429, "message_limit")
        assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert len(ann.get(f"/api/conversations/{conversation}").json["messages"]) == 4  # a refused question isn't stored
    assert ask(bob).status == 200
    sql(backend, "UPDATE generations SET started_at = datetime(started_at, '-61 seconds')")
    assert ask(ann, conversation).status == 200


@pytest.mark.slow
def test_two_slots_count_together_and_let_exactly_as_many_pass_as_may(
    make_backend: MakeBackend, model: ModelServer
) -> None:
    slots = [limited(make_backend, name, user={"messages_per_minute": 3}) for name in "ab"]
    ann = new_user(slots[0], "ann")
    asked = [(on(slots[n % 2], ann), ann.new_conversation()) for n in range(8)]
    statuses: list[int] = []

    def ask_there(at: Client, conversation: str) -> None:
        statuses.append(ask(at, conversation).status)

    threads = [threading.Thread(target=ask_there, args=each) for each in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 3 + [429] * 5


@pytest.mark.slow
@pytest.mark.sqlite
def test_answers_at_the_same_time_are_limited_in_both_slots_and_not_by_those_of_a_dead_one(
    make_backend: MakeBackend, model: ModelServer
) -> None:
    model.behaviour.chunks, model.behaviour.delay = ENDLESS, 0.02
    slots = [limited(make_backend, name, user={"streams": 1}) for name in "ab"]
    ann = new_user(slots[0], "ann")
    with ann.stream(ann.new_conversation()) as stream:
        events = stream.events()
        message_id = next(events).data["message_id"]
        answer = ask(on(slots[1], ann))
        assert refusal(answer) == (429, "stream_limit")
        assert int(answer.headers["Retry-After"]) > 0
        assert ann.get("/api/usage").json["streams"] == 1
        sql(slots[0], "UPDATE generations SET heartbeat_at = datetime(heartbeat_at, '-60 seconds')")
        assert ann.get("/api/usage").json["streams"] == 0  # what a killed process leaves behind
        deadline = time.monotonic() + 60
        while ann.get("/api/usage").json["streams"] == 0:  # this one lives, and beats
            assert time.monotonic() < deadline
            time.sleep(0.2)
        ann.post(f"/api/messages/{message_id}/stop")
        list(events)
    model.reset()
    assert [ask(on(slot, ann)).status for slot in slots] == [200, 200]


@pytest.mark.slow
@pytest.mark.sqlite
def test_the_tokens_of_a_day_run_out_and_come_back_the_next_day(make_backend: MakeBackend, model: ModelServer) -> None:
    backend = limited(make_backend, user={"tokens_per_day": 8}, admin={"tokens_per_day": 0})
    ann, admin = new_user(backend, "ann"), new_admin(backend)
    assert [ask(ann).status for _ in range(2)] == [200, 200]  # 5 tokens read and 2 written each: begun below 8
    refused = ask(ann)
    assert refusal(refused) == (429, "token_quota")
    assert 0 < int(refused.headers["Retry-After"]) <= 24 * 3600
    assert [ask(admin).status for _ in range(3)] == [200] * 3
    sql(backend, "UPDATE usage_days SET day = date(day, '-1 day')")
    assert ask(ann).status == 200


@pytest.mark.slow
def test_an_administrator_gives_an_account_limits_of_its_own_and_takes_them_back(
    make_backend: MakeBackend, model: ModelServer
) -> None:
    backend = limited(make_backend, user={"messages_per_minute": 1})
    ann, admin = new_user(backend, "ann"), new_admin(backend)
    path = f"/api/admin/users/{ann.user_id}/limits"
    assert admin.put(path, {"messages_per_minute": 0}).json["limits"]["messages_per_minute"] == 0
    assert [ask(ann).status for _ in range(3)] == [200] * 3
    admin.put(path, {"tokens_per_day": 10})
    assert ann.get("/api/usage").json["limits"] == {"messages_per_minute": 1, "streams": 10, "tokens_per_day": 10}
    assert refusal(ask(ann)) == (429, "message_limit")
    entry = admin.get("/api/admin/audit").json["items"][0]
    assert (entry["action"], entry["target_name"]) == ("user.limits", "ann")
    assert entry["details"] == {"messages_per_minute": None, "streams": None, "tokens_per_day": 10}
    assert admin.put(path, {"streams": -1}).status == 422


def test_everybody_sees_their_own_use_by_day_and_model(fresh_user: Client, model: ModelServer) -> None:
    for _ in range(2):
        assert ask(fresh_user).status == 200
    used = fresh_user.get("/api/usage").json
    assert used["days"] == [
        {
            "day": datetime.now(UTC).date().isoformat(), "model_id": "default",
            "requests": 2, "prompt_tokens": 10, "completion_tokens": 4,
        }
    ]  # fmt: skip
    assert (used["messages_last_minute"], used["streams"], used["tokens_today"]) == (2, 0, 14)


@pytest.mark.parametrize("number", [2**63, 2**31, -1, 1.5, "5"])
def test_an_impossible_number_of_tokens_costs_no_answer(fresh_user: Client, model: ModelServer, number: object) -> None:
    counted = chunk(None, usage={"prompt_tokens": number, "completion_tokens": 2})
    model.behaviour.chunks = (chunk({"content": "Hi"}), chunk({}, finish_reason="stop"), counted, DONE)
    conversation = fresh_user.new_conversation()
    assert fresh_user.ask(conversation)[-1].data["status"] == "complete"
    assert fresh_user.get(f"/api/conversations/{conversation}").json["messages"][1]["content"] == "Hi"
    assert complete(program(fresh_user), stream=True).status == 200
    assert used(fresh_user) == (2, 0, 4)


def test_a_stopped_answer_is_not_free(fresh_user: Client, model: ModelServer) -> None:
    model.behaviour.chunks, model.behaviour.delay = ENDLESS, 0.01
    with fresh_user.stream(fresh_user.new_conversation(), "x" * 400) as stream:
        events = stream.events()
        message_id = next(events).data["message_id"]
        came = [next(events).name for _ in range(5)]
        fresh_user.post(f"/api/messages/{message_id}/stop")
        list(events)
    assert came == ["token"] * 5
    day = fresh_user.get("/api/usage").json["days"][0]
    assert day["prompt_tokens"] == 100
    assert 5 <= day["completion_tokens"] < 500


def test_an_answer_that_never_began_costs_no_tokens(fresh_user: Client, model: ModelServer) -> None:
    model.behaviour.status, model.behaviour.body = 500, b"no"
    ask(fresh_user)
    used = fresh_user.get("/api/usage").json
    assert (used["tokens_today"], used["streams"], used["days"][0]["requests"]) == (0, 0, 1)


@pytest.mark.slow
@pytest.mark.sqlite
def test_administrators_see_the_use_of_all_by_day_model_and_user(make_backend: MakeBackend, model: ModelServer) -> None:
    preset = {"name": "Other", "url": model.url, "model": "m2"}
    backend = make_backend(PRESET_MODELS=json.dumps({"other": preset})).start()
    admin, ann, bob = new_admin(backend), new_user(backend, "ann"), new_user(backend, "bob")
    for user, times in ((ann, 1), (bob, 2)):
        for _ in range(times):
            ask(user)
    bob.post(f"/api/conversations/{bob.new_conversation()}/messages", {"content": "Hi", "model_id": "other"})

    def rows(query: str) -> list[tuple[Any, ...]]:
        items = admin.get(f"/api/admin/usage?{query}").json["items"]
        return [(i["label"], i["requests"], i["prompt_tokens"], i["completion_tokens"]) for i in items]

    today = datetime.now(UTC).date().isoformat()
    assert rows("by=day") == [(today, 4, 20, 8)]
    assert rows("by=model") == [("default", 3, 15, 6), ("other", 1, 5, 2)]
    assert rows("by=user") == [("bob", 3, 15, 6), ("ann", 1, 5, 2)]
    assert rows(f"by=model&user_id={ann.user_id}") == [("default", 1, 5, 2)]
    sql(backend, "UPDATE usage_days SET day = date(day, '-3 days')")
    assert rows("by=day&days=3") == []
    assert rows("by=day&days=4")[0][1:] == (4, 20, 8)
    assert admin.delete(f"/api/admin/users/{bob.user_id}").status == 204
    assert rows("by=user") == [("ann", 1, 5, 2)]


@pytest.mark.slow
def test_wrong_limits_are_named_before_anything_starts(make_backend: MakeBackend) -> None:
    ended = make_backend(LIMITS='{"user": {"streams": -1}}').command("serve")
    assert ended.returncode == 3
    assert "LIMITS.USER.STREAMS" in ended.stderr


def test_a_beat_forgets_what_counts_no_more_and_nothing_that_can_still_end(make_backend: MakeBackend) -> None:
    database = open_database(make_backend().database)
    now = utc_now()
    long_ago, ago = now - timedelta(hours=2), now - timedelta(minutes=2)

    def count(session: Session) -> list[str]:
        session.add(User(id="u", username="u", username_key="u", hashed_password="", created_at=now))
        session.flush()
        for name, started_at, heartbeat_at, ended_at in (
            ("running", long_ago, long_ago, None),
            ("asleep", ago, ago, None),
            ("ended", ago, ago, ago),
            ("ended just now", now, now, now),
            ("of a dead one", long_ago, long_ago, None),
        ):
            session.add(
                Generation(
                    id=name, user_id="u", model_id="m",
                    started_at=started_at, heartbeat_at=heartbeat_at, ended_at=ended_at,
                )
            )  # fmt: skip
        session.flush()
        assert meter.beat(session, ["running"]) == ["running"]
        return sorted(session.scalars(select(Generation.id)))

    assert database.write_now(count) == ["asleep", "ended just now", "running"]
    database.close()
