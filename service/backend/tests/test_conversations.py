from __future__ import annotations

import pytest
from client import Client
from model_server import ModelServer


def test_conversations_are_listed_page_by_page_the_last_used_first(fresh_user: Client, model: ModelServer) -> None:
    made = [fresh_user.new_conversation() for _ in range(5)]
    fresh_user.ask(made[0])
    seen: list[str] = []
    before = ""
    while True:
        page = fresh_user.get(f"/api/conversations?limit=2{before}").json
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
    assert seen == [made[0], *reversed(made[1:])]


def test_a_conversation_is_renamed_and_deleted(user: Client) -> None:
    path = f"/api/conversations/{user.new_conversation()}"
    assert user.request("PATCH", path, {"title": "计划"}).json["title"] == "计划"
    assert user.request("DELETE", path).status == 204
    assert user.get(path).status == 404


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_another_user_s_conversation_does_not_exist(user: Client, other_user: Client, method: str) -> None:
    path = f"/api/conversations/{user.new_conversation()}"
    answer = other_user.request(method, path, {"title": "mine"} if method == "PATCH" else None)
    assert (answer.status, answer.json["code"]) == (404, "conversation_not_found")
    assert other_user.post(f"{path}/messages", {"content": "hi"}).status == 404


@pytest.mark.parametrize(
    "cursor",
    ["nonsense", "2026-01-01T00:00:00~x", "~", "%00", "0001-01-01T00:00:00%2B23:59~x", "9999-12-31T23:59:59-23:59~x"],
)
def test_a_cursor_nobody_gave_is_refused(user: Client, cursor: str) -> None:
    assert user.get(f"/api/conversations?before={cursor}").status == 422


def test_models_are_listed_for_users_only(user: Client) -> None:
    (model,) = user.get("/api/models").json["models"]
    assert set(model.pop("health")) == {"state", "code", "since"}
    assert model == {"id": "default", "label": "Test model", "default": True, "vision": True}
    assert Client(user.socket_path).get("/api/models").status == 401


def test_a_body_that_is_no_json_is_a_problem_with_a_code(user: Client) -> None:
    answer = user.post("/api/conversations", b"{broken", Content_Type="application/json")
    assert (answer.status, answer.json["code"]) == (422, "invalid_request")
    assert user.get("/api/nowhere").json["code"] == "not_found"


def test_a_text_no_database_can_hold_is_refused(user: Client) -> None:
    path = f"/api/conversations/{user.new_conversation()}/messages"
    for content in (b'{"content":"a\\u0000b"}', b'{"content":"\\ud800"}'):
        assert user.post(path, content, Content_Type="application/json").status == 422
