"""What a conversation tells the model, where it stands in the list, and what is left of a deleted one: nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from backend_process import Backend
from client import Client
from conftest import new_user
from llmchat_backend.db.engine import open_database
from llmchat_backend.search.purge import purge_some
from model_server import ModelServer
from sqlalchemy import text


def change(user: Client, conversation: str, **values: Any) -> dict[str, Any]:
    answer = user.request("PATCH", f"/api/conversations/{conversation}", values)
    assert answer.status == 200, answer.body
    changed: dict[str, Any] = answer.json
    return changed


def listed(user: Client, query: str = "") -> list[str]:
    return [item["id"] for item in user.get(f"/api/conversations{query}").json["items"]]


def test_instructions_and_parameters_reach_the_model(user: Client, model: ModelServer) -> None:
    conversation = user.new_conversation()
    changed = change(user, conversation, system_prompt="Be brief.", temperature=0.2, top_p=0.9, max_tokens=50)
    assert (changed["system_prompt"], changed["temperature"], changed["top_p"], changed["max_tokens"]) == (
        "Be brief.", 0.2, 0.9, 50,
    )  # fmt: skip
    user.ask(conversation, "Hi")
    asked = model.requests[-1]
    assert (asked["temperature"], asked["top_p"], asked["max_tokens"]) == (0.2, 0.9, 50)
    assert asked["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]


def test_null_leaves_it_to_the_model_server_again(user: Client, model: ModelServer) -> None:
    created = user.post("/api/conversations", {"system_prompt": "Be brief.", "temperature": 0}).json
    user.ask(created["id"], "Hi")
    assert model.requests[-1]["temperature"] == 0
    changed = change(user, created["id"], temperature=None, system_prompt=None, title=None, pinned=None)
    assert (changed["temperature"], changed["system_prompt"], changed["title"]) == (None, None, "Hi")
    user.ask(created["id"], "Hi")
    assert not {"temperature", "top_p", "max_tokens"} & set(model.requests[-1])
    assert model.requests[-1]["messages"][0]["role"] == "user"


def test_an_empty_instruction_is_none(user: Client, model: ModelServer) -> None:
    conversation = user.new_conversation()
    change(user, conversation, system_prompt="  ")
    user.ask(conversation, "Hi")
    assert [message["role"] for message in model.requests[-1]["messages"]] == ["user"]


@pytest.mark.parametrize(
    "values",
    [
        {"temperature": -0.1}, {"temperature": 2.1}, {"temperature": "NaN"}, {"top_p": 0}, {"top_p": 1.1},
        {"max_tokens": 0}, {"max_tokens": 1.5}, {"max_tokens": 10_000_000}, {"system_prompt": "x" * 40_001},
        {"system_prompt": "a\0b"}, {"title": ""}, {"user_id": "x"}, {"pinned": "perhaps"},
    ],
)  # fmt: skip
def test_values_out_of_range_are_refused(user: Client, values: dict[str, Any]) -> None:
    conversation = user.new_conversation()
    answer = user.request("PATCH", f"/api/conversations/{conversation}", values)
    assert (answer.status, answer.json["code"]) == (422, "invalid_request")


def test_the_archive_is_a_list_of_its_own(fresh_user: Client) -> None:
    kept, gone = fresh_user.new_conversation(), fresh_user.new_conversation()
    change(fresh_user, gone, archived=True)
    assert (listed(fresh_user), listed(fresh_user, "?archived=true")) == ([kept], [gone])
    assert fresh_user.get(f"/api/conversations/{gone}").json["archived"] is True
    change(fresh_user, gone, archived=False)
    assert listed(fresh_user) == [gone, kept]


def test_pinned_ones_can_be_asked_for_and_left_out(fresh_user: Client) -> None:
    first, second = fresh_user.new_conversation(), fresh_user.new_conversation()
    change(fresh_user, first, pinned=True)
    assert listed(fresh_user, "?pinned=true") == [first]
    assert listed(fresh_user, "?pinned=false") == [second]
    assert listed(fresh_user) == [second, first]


def purge(backend: Backend) -> None:
    """Let the index let go of the words, too, as the service does within an hour."""
    database = open_database(backend.database)
    for _ in range(100):
        database.write_now(purge_some)
        if not database.read_now(lambda session: session.scalar(text("SELECT count(*) FROM search_index_purge"))):
            break
    database.close()


@pytest.mark.sqlite
@pytest.mark.slow
def test_nothing_of_a_deleted_conversation_is_left_in_the_files(
    make_backend: Callable[..., Backend], model: ModelServer
) -> None:
    backend = make_backend().start()
    ann = new_user(backend, "ann")
    uploaded = ann.upload("a.txt", b"zanzibar in a file", "text/plain").json["id"]
    conversation = ann.new_conversation()
    ids = ann.ask(conversation, "zanzibar " * 2000, attachment_ids=[uploaded])[0].data
    change(ann, conversation, system_prompt="zanzibar", title="zanzibar")
    with ann.stream_of(f"/api/messages/{ids['message_id']}/regenerate", None) as stream:
        list(stream.events())
    ann.ask(ann.new_conversation(), "something else")
    assert ann.request("DELETE", f"/api/conversations/{conversation}").status == 204
    assert backend.end() == 0
    purge(backend)
    left = [path for path in (backend.folder / "db").rglob("*") if path.is_file() and b"zanzibar" in path.read_bytes()]
    assert left == []
    assert b"something else" in backend.database_file.read_bytes()
    assert "zanzibar" not in json.dumps(model.keys) + backend.log
