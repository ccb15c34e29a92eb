"""Search in one's own conversations: Chinese words of any length, what is deleted is gone, nobody finds another's."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

import pytest
from backend_process import Backend
from client import Client
from model_server import DONE, ModelServer, chunk
from sqlalchemy import text

pytestmark = pytest.mark.slow


def search(user: Client, q: str, **more: Any) -> dict[str, Any]:
    answer = user.get(f"/api/search?{urlencode({'q': q, **more})}")
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json
    return found


def wait_for(user: Client, q: str, count: int) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 60
    while len(items := search(user, q)["items"]) != count:
        assert time.monotonic() < deadline, items
        time.sleep(0.1)
    return items


def test_chinese_words_of_one_and_two_characters_are_found(fresh_user: Client, model: ModelServer) -> None:
    conversation = fresh_user.new_conversation()
    fresh_user.ask(conversation, "举头望明月\uff0c低头思故乡")
    hit = wait_for(fresh_user, "明月", 2)
    assert {item["message_id"] is None for item in hit} == {True, False}  # the title is the first line
    question = next(item for item in hit if item["message_id"])
    assert (question["conversation_id"], question["role"], question["archived"]) == (conversation, "user", False)
    assert {"text": "明月", "hit": True} in question["snippet"]
    assert len(search(fresh_user, "乡")["items"]) == 2
    wait_for(fresh_user, "世界", 1)  # the answer, which ends a moment later
    assert search(fresh_user, "月明")["items"] == []
    assert search(fresh_user, "明 月 世")["items"] == []


def test_beginnings_of_words_are_found_and_quoted_ones_exactly(fresh_user: Client, model: ModelServer) -> None:
    conversation = fresh_user.new_conversation()
    fresh_user.request("PATCH", f"/api/conversations/{conversation}", {"title": "T"})
    fresh_user.ask(conversation, "Deploying Kubernetes clusters")
    wait_for(fresh_user, "kube", 1)
    assert len(search(fresh_user, "CLUSTERS deploy")["items"]) == 1
    assert len(search(fresh_user, '"kubernetes clusters"')["items"]) == 1
    assert search(fresh_user, '"kube"')["items"] == []
    assert search(fresh_user, '"clusters kubernetes"')["items"] == []
    assert search(fresh_user, "ubernetes")["items"] == []


def test_what_a_slot_of_an_earlier_release_changes_is_found_by_its_new_words_only(
    backend: Backend, fresh_user: Client, model: ModelServer
) -> None:
    conversation = fresh_user.new_conversation()
    question = fresh_user.ask(conversation, "albatross")[0].data["user_message_id"]
    fresh_user.request("PATCH", f"/api/conversations/{conversation}", {"title": "penguin"})
    for old, statement, which in (
        ("penguin", "UPDATE conversations SET title = 'ostrich' WHERE id = :id", conversation),
        ("albatross", "UPDATE messages SET content = 'ostrich' WHERE id = :id", question),
    ):
        wait_for(fresh_user, old, 1)
        backend.write(text(statement).bindparams(id=which))
        wait_for(fresh_user, old, 0)
    assert len(wait_for(fresh_user, "ostrich", 2)) == 2


@pytest.mark.parametrize(
    "q", ['"', "*", "NEAR(", "a AND", 'x" OR user_id:"', "- -", "^a", "terms:b", "%", "_", "'", "(((", "{a b}: c"]
)
def test_no_query_is_a_syntax(fresh_user: Client, q: str) -> None:
    assert search(fresh_user, q) == {"items": [], "next": None}


def test_nobody_finds_what_another_wrote(user: Client, fresh_user: Client, model: ModelServer) -> None:
    fresh_user.ask(fresh_user.new_conversation(), "xylophone")
    wait_for(fresh_user, "xylophone", 2)
    assert search(user, "xylophone")["items"] == []
    assert Client(user.socket_path).get("/api/search?q=x").status == 401


def test_what_is_changed_or_deleted_is_found_no_more(fresh_user: Client, model: ModelServer) -> None:
    conversation = fresh_user.new_conversation()
    ids = fresh_user.ask(conversation, "marzipan")[0].data
    wait_for(fresh_user, "marzipan", 2)
    with fresh_user.stream_of(f"/api/messages/{ids['user_message_id']}/edit", {"content": "nougat"}) as stream:
        list(stream.events())
    wait_for(fresh_user, "nougat", 2)
    assert search(fresh_user, "marzipan")["items"] == []
    fresh_user.request("PATCH", f"/api/conversations/{conversation}", {"title": "Sweets"})
    wait_for(fresh_user, "sweets", 1)
    assert len(search(fresh_user, "nougat")["items"]) == 1
    assert fresh_user.request("DELETE", f"/api/conversations/{conversation}").status == 204
    for word in ("nougat", "sweets", "世界"):
        assert search(fresh_user, word)["items"] == []


def test_the_name_of_an_attached_file_is_found(fresh_user: Client, model: ModelServer) -> None:
    uploaded = fresh_user.upload("年度报告.txt", b"text", "text/plain").json["id"]
    conversation = fresh_user.new_conversation()
    fresh_user.ask(conversation, "Read it", attachment_ids=[uploaded])
    assert wait_for(fresh_user, "报告", 1)[0]["conversation_id"] == conversation


def test_hits_come_page_by_page_titles_first(fresh_user: Client, model: ModelServer) -> None:
    model.behaviour.chunks = (chunk({"content": "no"}, finish_reason="stop"), DONE)
    conversation = fresh_user.new_conversation()
    for number in range(4):
        fresh_user.ask(conversation, f"pangolin {number} " + "and more words " * 5)
    wait_for(fresh_user, "pangolin", 5)
    seen: list[str | None] = []
    offset: int | None = 0
    while offset is not None:
        page = search(fresh_user, "pangolin", limit=2, offset=offset)
        seen += [item["message_id"] for item in page["items"]]
        offset = page["next"]
    assert seen[0] is None
    assert len(set(seen)) == 5


@pytest.mark.parametrize("query", ["", "q=", "q=a&limit=0", "q=a&offset=-1", "q=a%00", f"q={'a' * 201}"])
def test_a_query_out_of_range_is_refused(user: Client, query: str) -> None:
    assert user.get(f"/api/search?{query}").status == 422
