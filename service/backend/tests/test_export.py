"""Take one's conversations away: all that is stored, for programs and for people."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote

import pytest
from client import Answer, Client
from model_server import HELLO, ModelServer


def name_of(answer: Answer) -> str:
    return unquote(answer.headers["Content-Disposition"].partition("filename*=UTF-8''")[2])


@pytest.fixture
def conversation(fresh_user: Client, model: ModelServer) -> str:
    """A question with a file, answered twice, and one that failed."""
    created = fresh_user.post("/api/conversations", {"system_prompt": "Be\n\nbrief.", "temperature": 0.5}).json["id"]
    uploaded = fresh_user.upload("报告.txt", b"text", "text/plain").json["id"]
    first = fresh_user.ask(created, "计划: <b>bold</b>?\nAnd more", attachment_ids=[uploaded])[0].data["message_id"]
    with fresh_user.stream_of(f"/api/messages/{first}/regenerate", None) as stream:
        list(stream.events())
    model.behaviour.chunks, model.behaviour.cut_after = HELLO[:2], True
    fresh_user.ask(created, "again")
    return str(created)


def test_a_conversation_as_json_holds_everything(fresh_user: Client, conversation: str) -> None:
    answer = fresh_user.get(f"/api/conversations/{conversation}/export?format=json")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert name_of(answer) == "计划_ _b_bold__b__.json"
    shown = fresh_user.get(f"/api/conversations/{conversation}").json
    messages = answer.json["messages"]
    replaced = [message.pop("replaced") for message in messages]
    assert answer.json | {"messages": messages} == shown
    assert [[version["content"] for version in versions] for versions in replaced] == [[], ["Hello, 世界"], [], []]


def test_a_conversation_as_markdown_is_for_people(fresh_user: Client, conversation: str) -> None:
    answer = fresh_user.get(f"/api/conversations/{conversation}/export?format=markdown")
    assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert name_of(answer).endswith(".md")
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "TIME", answer.body.decode())
    assert text == (
        "# 计划: <b>bold</b>?\n\n*TIME*\n\n> Be\n>\n> brief.\n\n"
        "## User (TIME)\n\n计划: <b>bold</b>?\nAnd more\n\n- Attached: 报告.txt\n\n"
        "## Assistant (TIME, default)\n\nHello, 世界\n\n"
        "## User (TIME)\n\nagain\n\n"
        "## Assistant (TIME, default)\n\nHello\n\n"
        "*The model server closed the connection before its answer was complete.*\n"
    )


def test_all_conversations_come_in_one_file_the_oldest_first(fresh_user: Client, conversation: str) -> None:
    archived = fresh_user.new_conversation()
    fresh_user.request("PATCH", f"/api/conversations/{archived}", {"archived": True, "title": "Old"})
    exported = fresh_user.get("/api/export").json
    assert exported["version"] == 1
    assert [item["id"] for item in exported["conversations"]] == [conversation, archived]
    alone = fresh_user.get(f"/api/conversations/{conversation}/export")
    assert exported["conversations"][0] == alone.json
    text = fresh_user.get("/api/export?format=markdown").body.decode()
    assert [line for line in text.splitlines() if line.startswith("# ")] == ["# 计划: <b>bold</b>?", "# Old"]


def test_who_has_nothing_gets_a_file_without_conversations(fresh_user: Client) -> None:
    assert json.loads(fresh_user.get("/api/export").body)["conversations"] == []
    assert fresh_user.get("/api/export?format=markdown").body == b""


def test_nobody_takes_another_s_away(user: Client, conversation: str) -> None:
    answer = user.get(f"/api/conversations/{conversation}/export")
    assert (answer.status, answer.json["code"]) == (404, "conversation_not_found")
    assert conversation not in user.get("/api/export").body.decode()
    assert Client(user.socket_path).get("/api/export").status == 401
    assert user.get("/api/export?format=pdf").status == 422
