"""What a stranger may send: as much as logging in takes, since it is read before anybody looks who it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from access_table import TABLE, Route
from backend_process import Backend
from client import Client, UnixConnection
from openai_client import error_of

MUCH = b'{"username": [' + b"[]," * 30_000 + b"[]}"  # whoever parses it finds that a bracket is missing
TAKEN = [route for route in TABLE if route.method in ("POST", "PUT", "PATCH") and route.path != "/api/auth/logout"]
LOG_IN = ("/api/auth/login", "/api/auth/register")


@pytest.mark.parametrize("route", TAKEN, ids=lambda route: f"{route.method} {route.path}")
def test_nothing_large_of_a_stranger_is_read(backend: Backend, route: Route) -> None:
    path = route.path.replace("{", "").replace("}", "")
    for headers in ({}, {"Authorization": "Bearer not.a.token"}, {"Cookie": "llmchat_session=a.b.c"}):
        answer = backend.client.request(route.method, path, MUCH, Content_Type="application/json", **headers)
        if path.startswith("/v1"):
            assert error_of(answer)[0] == 401
        else:
            expected = (413, "too_large") if path in LOG_IN else (401, "not_authenticated")
            assert (answer.status, answer.json["code"]) == expected


def test_what_nobody_reads_does_no_harm(backend: Backend, user: Client) -> None:
    assert backend.client.post("/api/auth/logout", MUCH).status == 204
    assert user.post("/api/conversations", MUCH, Content_Type="application/json").status == 422


def test_nor_what_comes_without_a_length(backend: Backend, user: Client) -> None:
    def pieces() -> Iterator[bytes]:
        yield from (MUCH[start : start + 4000] for start in range(0, 100_000, 4000))

    for client, status in ((backend.client, 401), (user, 422)):
        connection = UnixConnection(client.socket_path)
        headers = {**client.headers, "Content-Type": "application/json"}
        connection.request("POST", "/api/conversations", pieces(), headers, encode_chunked=True)
        with connection.getresponse() as response:
            assert (response.status, response.read() != b"") == (status, True)
        connection.close()


def test_whoever_has_logged_in_may_send_all_that_a_field_takes(user: Client) -> None:
    made = user.post("/api/conversations", {"system_prompt": "世" * 40_000})
    assert made.status == 201
    changed = user.request("PATCH", f"/api/conversations/{made.json['id']}", {"system_prompt": "界" * 40_000})
    assert changed.status == 200


def test_the_longest_names_passwords_and_codes_are_within_it(backend: Backend) -> None:
    longest = {"username": "\U0001d6a8" * 1000, "password": "\U0001d6a8" * 1000}
    assert backend.client.post("/api/auth/login", longest).status == 401
    asked = {**longest, "invitation": "\U0001d6a8" * 200}
    assert backend.client.post("/api/auth/register", asked).status == 422
