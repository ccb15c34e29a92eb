"""Keys for programs: whose they are, and when they are worth nothing."""

from __future__ import annotations

import pytest
from backend_process import Backend
from client import Client
from openai_client import complete, error_of


@pytest.mark.sqlite
def test_a_key_is_shown_once_and_stored_as_a_hash(backend: Backend, fresh_user: Client) -> None:
    made = fresh_user.post("/api/keys", {"name": "my editor"}).json
    assert made["key"].startswith("sk-llmchat-")
    listed = fresh_user.get("/api/keys").json["items"]
    assert listed == [{name: made[name] for name in ("id", "name", "prefix", "created_at", "last_used_at")}]
    assert made["key"].startswith(listed[0]["prefix"])
    assert len(listed[0]["prefix"]) < 20
    files = [path.read_bytes() for path in backend.database_file.parent.iterdir() if path.is_file()]
    assert not any(made["key"].encode() in content for content in files)
    assert made["key"] not in backend.log


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer sk-llmchat-made-up", "Basic eDp5", "Bearer \xe9"])
def test_without_a_key_there_is_no_answer(backend: Backend, header: str) -> None:
    client = Client(backend.client.socket_path, {"Authorization": header} if header else {})
    for answer in (client.get("/v1/models"), complete(client)):
        assert error_of(answer) == (401, "authentication_error", "invalid_api_key")


def test_a_log_in_is_no_key_and_a_key_is_no_log_in(fresh_user: Client, editor: Client) -> None:
    assert error_of(fresh_user.get("/v1/models"))[0] == 401
    token = fresh_user.headers["Authorization"].removeprefix("Bearer ")
    cookie = Client(fresh_user.socket_path, {"Cookie": f"llmchat_session={token}"})
    assert error_of(complete(cookie))[0] == 401
    assert editor.get("/api/conversations").status == 401
    assert editor.post("/api/keys", {"name": "another"}).status == 401


def test_a_revoked_key_is_worth_nothing_at_once_and_only_its_owner_revokes_it(
    fresh_user: Client, other_user: Client, editor: Client
) -> None:
    (key,) = fresh_user.get("/api/keys").json["items"]
    foreign = other_user.delete(f"/api/keys/{key['id']}")
    assert (foreign.status, foreign.json["code"]) == (404, "key_not_found")
    assert editor.get("/v1/models").status == 200
    assert fresh_user.delete(f"/api/keys/{key['id']}").status == 204
    assert editor.get("/v1/models").status == 401


def test_keys_stop_with_their_account_and_while_its_password_must_be_replaced(
    admin: Client, fresh_user: Client, editor: Client
) -> None:
    user_id = fresh_user.user_id
    admin.post(f"/api/admin/users/{user_id}/deactivate")
    assert editor.get("/v1/models").status == 401
    admin.post(f"/api/admin/users/{user_id}/reactivate")
    assert editor.get("/v1/models").status == 200
    admin.post(f"/api/admin/users/{user_id}/reset-password")
    assert error_of(editor.get("/v1/models")) == (403, "permission_error", "password_change_required")
    admin.delete(f"/api/admin/users/{user_id}")
    assert editor.get("/v1/models").status == 401


def test_there_is_an_end_to_keys(fresh_user: Client) -> None:
    statuses = [fresh_user.post("/api/keys", {"name": str(number)}).status for number in range(51)]
    assert statuses == [201] * 50 + [409]
