from __future__ import annotations

import asyncio
import re

import pytest
from access_table import TABLE
from backend_process import Backend
from client import PASSWORD, Client
from fastapi import Request
from llmchat_backend.api.outside import client_address
from llmchat_backend.auth import attempts, passwords
from llmchat_backend.db.engine import open_database
from llmchat_backend.settings import Settings


def register(backend: Backend, username: str, password: str = PASSWORD) -> tuple[int, str]:
    answer = backend.client.post("/api/auth/register", {"username": username, "password": password})
    return answer.status, answer.json.get("code", "")


def test_registering_does_not_log_in(backend: Backend, username: str) -> None:
    answer = backend.client.post("/api/auth/register", {"username": username, "password": PASSWORD})
    assert answer.status == 201
    assert answer.json["user"]["username"] == username
    assert "Set-Cookie" not in answer.headers
    assert backend.client.get("/api/auth/me").status == 401


def test_a_name_is_taken_however_it_is_spelled(backend: Backend, fresh_user: Client, username: str) -> None:
    assert register(backend, username) == (409, "username_taken")
    assert register(backend, username.upper()) == (409, "username_taken")


@pytest.mark.parametrize("password", ["short", "x" * 73, "世" * 25, "nul\0nul\0nul", "\ud800" * 10])
def test_a_password_that_breaks_the_rules_is_refused_unquoted(backend: Backend, password: str) -> None:
    answer = backend.client.post("/api/auth/register", {"username": "x", "password": password})
    assert answer.status == 422
    assert password not in answer.json["detail"]


@pytest.mark.parametrize("username", ["", " ann", "a\nb", "x" * 65, "\0", "\ufdfa" * 64])
def test_a_name_that_breaks_the_rules_is_refused(backend: Backend, username: str) -> None:
    assert register(backend, username)[0] == 422


def test_a_72_byte_password_of_chinese_characters_works(backend: Backend, username: str) -> None:
    assert register(backend, username, "世" * 24)[0] == 201
    assert backend.client.log_in(username, "世" * 24).get("/api/auth/me").json["username"] == username


@pytest.mark.parametrize("password", ["wrong password", "x" * 100])
def test_wrong_credentials_are_refused_alike(
    backend: Backend, fresh_user: Client, username: str, password: str
) -> None:
    for name in (username, "nobody-at-all"):
        answer = backend.client.post("/api/auth/login", {"username": name, "password": password})
        assert (answer.status, answer.json["code"]) == (401, "bad_credentials")


def test_logging_out_ends_the_session_for_good(backend: Backend, fresh_user: Client) -> None:
    assert fresh_user.post("/api/auth/logout").status == 204
    assert fresh_user.get("/api/auth/me").json["code"] == "not_authenticated"


def test_a_token_signed_by_another_key_is_nothing(backend: Backend, fresh_user: Client) -> None:
    head, body, _ = fresh_user.headers["Authorization"].split(".")
    forged = Client(backend.client.socket_path, {"Authorization": f"{head}.{body}.AAAA"})
    assert forged.get("/api/auth/me").status == 401


def test_changing_the_password_ends_the_other_sessions(backend: Backend, fresh_user: Client, username: str) -> None:
    elsewhere = backend.client.log_in(username)
    change = {"current_password": PASSWORD, "new_password": "another battery"}
    assert fresh_user.post("/api/auth/change-password", {**change, "current_password": "no idea at all"}).status == 403
    assert fresh_user.post("/api/auth/change-password", change).status == 204
    assert fresh_user.get("/api/auth/me").status == 200
    assert elsewhere.get("/api/auth/me").status == 401
    assert backend.client.log_in(username, "another battery").get("/api/auth/me").status == 200


NEEDS_OWN_PASSWORD = [
    (route.method, re.sub(r"{\w+}", "f" * 32, route.path), route.body or {})
    for route in TABLE
    if route.path.startswith("/api/")
    and route.nobody == 401
    and route.path not in {"/api/auth/login", "/api/auth/me", "/api/auth/change-password"}
]
"""Everything that needs a log-in, but for the account itself."""


@pytest.mark.slow
def test_with_a_password_made_by_the_operator_one_can_only_replace_it(backend: Backend, username: str) -> None:
    create = ("admin", "create", "--username", username, "--must-change")
    assert backend.command(*create, stdin="made for you").returncode == 0
    admin = backend.client.log_in(username, "made for you")
    refused = [admin.request(*route) for route in NEEDS_OWN_PASSWORD]

    assert {(answer.status, answer.json["code"]) for answer in refused} == {(403, "password_change_required")}
    assert admin.get("/api/auth/me").json["must_change_password"] is True
    change = {"current_password": "made for you", "new_password": "one of my own"}
    assert admin.post("/api/auth/change-password", change).status == 204
    assert admin.get("/api/conversations").status == 200
    assert backend.command(
        "admin", "reset-password", "--username", username, "--must-change", stdin="made again"
    ).stdout
    again = backend.client.log_in(username, "made again")
    assert again.get("/api/conversations").status == 403
    assert again.post("/api/auth/logout").status == 204
    assert again.get("/api/auth/me").status == 401


def test_registering_is_slowed_down_for_the_address_the_edge_saw(backend: Backend, username: str) -> None:
    def status(name: str, forwarded: str, password: str = PASSWORD) -> int:
        body = {"username": name, "password": password}
        return backend.client.post("/api/auth/register", body, X_Forwarded_For=forwarded).status

    database = open_database(backend.database)
    for _ in range(attempts.REGISTRATIONS_PER_ADDRESS - 1):
        assert database.write_now(attempts.count, attempts.limits_of_registration("192.0.2.9")) is None
    database.close()
    assert status(username, "192.0.2.9", "short") == 422  # costs nothing, so it doesn't count
    assert status(username, "10.0.0.1, 192.0.2.9") == 201
    assert status(f"{username}-b", "10.0.0.2, 192.0.2.9") == 429
    assert status(f"{username}-b", "192.0.2.9, 192.0.2.10") == 201


@pytest.mark.slow
def test_a_long_queue_of_passwords_is_told() -> None:
    async def queue() -> list[bool]:
        hashing = [asyncio.ensure_future(passwords.verify_password("x", None)) for _ in range(16)]
        await asyncio.sleep(0)
        busy = [passwords.is_busy()]
        await asyncio.gather(*hashing)
        await asyncio.sleep(0)
        return [*busy, passwords.is_busy()]

    assert asyncio.run(queue()) == [True, False]


def test_guessing_is_slowed_down_for_the_account(backend: Backend, fresh_user: Client, username: str) -> None:
    guess = {"username": username, "password": "not this one"}
    statuses = [backend.client.post("/api/auth/login", guess).status for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    right = backend.client.post("/api/auth/login", {"username": username, "password": PASSWORD})
    assert right.status == 429
    assert 0 < int(right.headers["Retry-After"]) <= 300


def test_guessing_is_slowed_down_for_the_address_the_edge_saw(backend: Backend) -> None:
    def guess(username: str, forwarded: str) -> int:
        body = {"username": username, "password": "not this one"}
        return backend.client.post("/api/auth/login", body, X_Forwarded_For=forwarded).status

    database = open_database(backend.database)  # as the other slot would
    for number in range(attempts.ATTEMPTS_PER_ADDRESS - 1):
        assert database.write_now(attempts.count, attempts.limits_of(f"name-{number}", "192.0.2.7")) is None
    database.close()
    assert guess("last", "10.0.0.1, 192.0.2.7") == 401
    assert guess("too many", "10.0.0.2, 192.0.2.7") == 429
    assert guess("from elsewhere", "192.0.2.7, 192.0.2.8") == 401


def test_whom_a_gateway_hides_is_slowed_down_for_the_account_only(
    backend: Backend, fresh_user: Client, username: str
) -> None:
    def guess(name: str) -> int:
        body = {"username": name, "password": "not this one"}
        return backend.client.post("/api/auth/login", body, X_Forwarded_For="unknown").status

    assert [guess(username) for _ in range(11)] == [401] * 10 + [429]
    others = [guess(f"{username}-{number}") for number in range(attempts.ATTEMPTS_PER_ADDRESS)]
    assert set(others) == {401}


def test_without_an_edge_a_client_cannot_say_who_it_is() -> None:
    sent = Request(
        {"type": "http", "client": ("192.0.2.1", 4), "headers": [(b"x-forwarded-for", b"10.0.0.1, 192.0.2.9")]}
    )
    assert client_address(sent, Settings(listen="unix:/run/slots/a.sock")) == "192.0.2.9"
    assert client_address(sent, Settings(listen="tcp:127.0.0.1:8000")) == "192.0.2.1"
