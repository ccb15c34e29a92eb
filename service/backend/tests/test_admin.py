"""What administrators do to accounts, and that each act is noted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from backend_process import Backend
from client import PASSWORD, Answer, Client
from conftest import new_admin, new_user
from model_server import ModelServer, chunk

MakeBackend = Callable[..., Backend]


def log_in(backend: Backend, username: str, password: str = PASSWORD) -> Answer:
    return backend.client.post("/api/auth/login", {"username": username, "password": password})


def acts(admin: Client, name: str = "") -> list[tuple[str, str, str]]:
    """Return who did what to whom, oldest first."""
    entries: list[dict[str, Any]] = []
    before: str | None = ""
    while before is not None:
        page = admin.get(f"/api/admin/audit?limit=100{before}").json
        entries += page["items"]
        before = page["next"] and f"&before={page['next']}"
    found = [(entry["actor_name"], entry["action"], entry["target_name"]) for entry in reversed(entries)]
    return [act for act in found if name in act[2]]


def act(admin: Client, user: Client | str, what: str, body: Any = None) -> Answer:
    user_id = user if isinstance(user, str) else user.user_id
    return admin.post(f"/api/admin/users/{user_id}/{what}", body)


def test_a_user_is_refused_everything_an_administrator_may(user: Client) -> None:
    for answer in (user.get("/api/admin/users"), user.post("/api/admin/invitations"), user.get("/api/admin/audit")):
        assert (answer.status, answer.json["code"]) == (403, "admin_only")


def test_accounts_are_listed_by_name_in_pages_and_found_by_a_part_of_it(backend: Backend, admin: Client) -> None:
    made = [f"page_{letter}%" for letter in "cabd"]
    for name in made:
        assert admin.post("/api/admin/users", {"username": name}).status == 201
    admin.post("/api/admin/users", {"username": "pageXz%"})
    found: list[str] = []
    after = ""
    while True:
        page = admin.get(f"/api/admin/users?search=PAGE_&limit=3{after}").json
        found += [item["username"] for item in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next'].replace('%', '%25')}"
    assert found == sorted(made)  # the underscore is one, and no wildcard
    assert admin.get("/api/admin/users?search=page_&role=admin").json["items"] == []


def test_an_account_made_by_an_administrator_begins_with_a_password_to_be_replaced(
    backend: Backend, admin: Client, username: str
) -> None:
    made = admin.post("/api/admin/users", {"username": username, "role": "admin"})
    assert (made.status, made.json["user"]["role"]) == (201, "admin")
    session = log_in(backend, username, made.json["password"])
    assert session.json["user"]["must_change_password"] is True
    newcomer = backend.client.log_in(username, made.json["password"])
    assert newcomer.get("/api/admin/users").json["code"] == "password_change_required"
    assert acts(admin, username) == [("root", "user.create", username)]
    taken = admin.post("/api/admin/users", {"username": username.upper()})
    assert (taken.status, taken.json["code"]) == (409, "username_taken")


def test_a_deactivated_account_is_locked_out_at_once_and_comes_back_with_its_data(
    backend: Backend, admin: Client, fresh_user: Client, username: str
) -> None:
    conversation, user_id = fresh_user.new_conversation(), fresh_user.user_id
    assert act(admin, user_id, "deactivate").json["status"] == "deactivated"
    assert fresh_user.get("/api/conversations").status == 401
    assert log_in(backend, username).status == 401
    assert admin.get(f"/api/admin/users?status=deactivated&search={username}").json["items"][0]["id"] == user_id
    assert act(admin, user_id, "reactivate").json["status"] == "active"
    assert fresh_user.get("/api/conversations").status == 401  # an ended session stays ended
    again = backend.client.log_in(username)
    assert [item["id"] for item in again.get("/api/conversations").json["items"]] == [conversation]


def test_deactivating_stops_the_answer_that_is_being_written(
    admin: Client, fresh_user: Client, model: ModelServer
) -> None:
    model.behaviour.chunks = tuple(chunk({"content": f"{number} "}) for number in range(400))
    model.behaviour.delay = 0.02
    user_id = fresh_user.user_id
    with fresh_user.stream(fresh_user.new_conversation()) as stream:
        events = stream.events()
        next(events)
        act(admin, user_id, "deactivate")
        assert list(events)[-1].data["status"] == "stopped"


def test_another_role_ends_the_sessions_and_counts_from_the_next_log_in(
    backend: Backend, admin: Client, fresh_user: Client, username: str
) -> None:
    user_id = fresh_user.user_id
    for role, status in (("admin", 200), ("user", 403)):
        before = backend.client.log_in(username)
        assert admin.put(f"/api/admin/users/{user_id}/role", {"role": role}).json["role"] == role
        assert before.get("/api/auth/me").status == 401
        assert backend.client.log_in(username).get("/api/admin/users").status == status
    same = backend.client.log_in(username)
    admin.put(f"/api/admin/users/{user_id}/role", {"role": "user"})
    assert same.get("/api/auth/me").status == 200
    assert acts(admin, username) == [("root", "user.role", username)] * 2


def test_a_reset_password_is_shown_once_and_must_be_replaced(
    backend: Backend, admin: Client, fresh_user: Client, username: str
) -> None:
    reset = act(admin, fresh_user, "reset-password").json
    assert fresh_user.get("/api/auth/me").status == 401
    assert log_in(backend, username).status == 401
    again = backend.client.log_in(username, reset["password"])
    assert again.get("/api/conversations").json["code"] == "password_change_required"
    change = {"current_password": reset["password"], "new_password": "one of my own"}
    assert again.post("/api/auth/change-password", change).status == 204
    assert again.get("/api/conversations").status == 200
    assert reset["password"] not in admin.get("/api/admin/audit").body.decode() + backend.log


def test_a_deleted_account_is_gone_with_its_conversations_and_files(
    backend: Backend, admin: Client, fresh_user: Client, username: str, model: ModelServer
) -> None:
    user_id = fresh_user.user_id
    sent, unsent = (fresh_user.upload("a.txt", b"mine", "text/plain").json["id"] for _ in range(2))
    fresh_user.ask(fresh_user.new_conversation(), "a secret plan", attachment_ids=[sent])
    files = [Path(backend.folder / "db" / "attachments" / name[:2] / name) for name in (sent, unsent)]
    assert all(file.is_file() for file in files)
    assert admin.delete(f"/api/admin/users/{user_id}").status == 204
    assert fresh_user.get("/api/auth/me").status == 401
    assert log_in(backend, username).status == 401
    assert admin.get(f"/api/admin/users/{user_id}").json["code"] == "user_not_found"
    assert not any(file.exists() for file in files)
    assert new_user(backend, username).get("/api/conversations").json["items"] == []
    assert acts(admin, username) == [("root", "user.delete", username)]


@pytest.mark.parametrize("what", ["approve", "reject", "deactivate", "reactivate", "reset-password"])
def test_there_is_nothing_to_do_to_somebody_unknown(admin: Client, what: str) -> None:
    answer = act(admin, "nobody", what)
    assert (answer.status, answer.json["code"]) == (404, "user_not_found")


def test_an_invitation_is_listed_without_its_code_and_can_be_revoked(admin: Client) -> None:
    made = admin.post("/api/admin/invitations", {"note": "for Li", "uses": 2, "days": 1}).json
    listed = admin.get("/api/admin/invitations").json["items"][0]
    assert {**listed, "code": made["code"]} == made
    assert (listed["note"], listed["max_uses"], listed["uses"], listed["created_by"]) == ("for Li", 2, 0, "root")
    assert admin.delete(f"/api/admin/invitations/{made['id']}").status == 204
    assert admin.get("/api/admin/invitations").json["items"][0]["revoked_at"] is not None
    assert acts(admin, "for Li") == [("root", f"invitation.{what}", "for Li") for what in ("create", "revoke")]
    unknown = admin.delete("/api/admin/invitations/none")
    assert (unknown.status, unknown.json["code"]) == (404, "invitation_not_found")


@pytest.mark.parametrize("body", [{"uses": 0}, {"uses": 1001}, {"days": 0}, {"days": 366}, {"note": "x" * 201}])
def test_an_invitation_has_bounds(admin: Client, body: dict[str, Any]) -> None:
    assert admin.post("/api/admin/invitations", body).status == 422


def test_the_audit_is_read_in_pages_and_names_the_operator(backend: Backend, admin: Client) -> None:
    for _ in range(3):
        admin.post("/api/admin/invitations")
    first = admin.get("/api/admin/audit?limit=2").json
    second = admin.get(f"/api/admin/audit?limit=2&before={first['next']}").json
    ids = [item["id"] for page in (first, second) for item in page["items"]]
    assert len(set(ids)) == 4
    assert [item["at"] for item in first["items"]] == sorted((item["at"] for item in first["items"]), reverse=True)
    assert ("operator", "user.create", "root") in acts(admin, "root")
    assert admin.get("/api/admin/audit?before=x").json["code"] == "bad_cursor"


@pytest.mark.slow
def test_the_last_active_administrator_stays(make_backend: MakeBackend) -> None:
    backend = make_backend().start()
    admin = new_admin(backend)
    own = admin.user_id
    other = admin.post("/api/admin/users", {"username": "second", "role": "admin"}).json["user"]["id"]
    assert act(admin, other, "deactivate").status == 200  # one of two may go; one that is locked out counts for nothing
    for answer in (
        act(admin, own, "deactivate"),
        admin.put(f"/api/admin/users/{own}/role", {"role": "user"}),
        admin.delete(f"/api/admin/users/{own}"),
    ):
        assert (answer.status, answer.json["code"]) == (409, "last_admin")
    assert act(admin, other, "reactivate").status == 200
    assert admin.put(f"/api/admin/users/{own}/role", {"role": "user"}).status == 200


@pytest.mark.slow
def test_whoever_waits_is_let_in_or_sent_away_by_an_administrator(make_backend: MakeBackend) -> None:
    backend = make_backend(REGISTRATION="approval").start()
    admin = new_admin(backend)
    for name in ("ann", "bob"):
        backend.client.post("/api/auth/register", {"username": name, "password": PASSWORD})
    queue = {item["username"]: item for item in admin.get("/api/admin/users?status=pending").json["items"]}
    assert set(queue) == {"ann", "bob"}
    ann, bob = queue["ann"]["id"], queue["bob"]["id"]
    for answer in (act(admin, ann, "deactivate"), act(admin, ann, "reactivate")):
        assert (answer.status, answer.json["code"]) == (409, "account_pending")
    assert act(admin, ann, "approve").json["status"] == "active"
    assert act(admin, bob, "reject").status == 204
    assert log_in(backend, "ann").status == 200
    assert log_in(backend, "bob").status == 401
    for what in ("approve", "reject"):
        assert act(admin, ann, what).json["code"] == "not_pending"
    assert [act[1:] for act in acts(admin)] == [
        ("user.create", "root"), ("user.approve", "ann"), ("user.reject", "bob")
    ]  # fmt: skip


def test_an_administrator_hears_whether_a_model_answers_and_why_not(admin: Client, model: ModelServer) -> None:
    check = "/api/admin/models/default/check"
    answering = admin.post(check).json
    assert answering["first_token_ms"] >= 0
    assert answering["code"] is None
    model.behaviour.status, model.behaviour.body = 401, b"no"
    failing = admin.post(check)
    assert failing.status == 200
    assert failing.json["code"] == "model_wrong_key"
    assert failing.json["first_token_ms"] is None
    assert "key" in failing.json["hint"]
    assert admin.post("/api/admin/models/none/check").json["code"] == "model_not_configured"
