"""Who may call what, for every route of the OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from access_table import TABLE, Route
from backend_process import Backend
from client import Client
from llmchat_backend.app import build_routes
from model_server import ModelServer
from openai_client import program

pytestmark = pytest.mark.slow

ENDS_THE_SESSION = "/api/auth/logout"


def shape(path: str) -> str:
    """Return a path without what stands in it: `/v1/models/default` and `{model_id}` alike, no query."""
    return re.sub(r"{\w+}", "*", path.partition("?")[0]).replace("/v1/models/default", "/v1/models/*")


def test_every_route_is_in_the_table_once() -> None:
    documented = [
        (method.upper(), shape(path))
        for path, methods in build_routes().openapi()["paths"].items()
        for method in methods
    ]
    assert sorted((route.method, shape(route.path)) for route in TABLE) == sorted(documented)


@pytest.fixture(scope="module")
def key_holder(user: Client) -> Client:
    return program(user)


@pytest.fixture
def resources(user: Client, admin: Client, username: str, model: ModelServer) -> Iterator[dict[str, str]]:
    """Make one of each thing that a path can name; all but accounts and invitations belong to `user`."""
    conversation = user.new_conversation()
    start = user.ask(conversation, "Hi")[0].data
    key_id = user.post("/api/keys", {"name": "mine"}).json["id"]
    yield {
        "conversation_id": conversation,
        "message_id": start["message_id"],
        "question_id": start["user_message_id"],
        "attachment_id": user.upload("a.txt", b"mine", "text/plain").json["id"],
        "key_id": key_id,
        "model_id": "default",
        "user_id": admin.post("/api/admin/users", {"username": username}).json["user"]["id"],
        "invitation_id": admin.post("/api/admin/invitations").json["id"],
    }
    user.delete(f"/api/keys/{key_id}")


@pytest.fixture
def callers(backend: Backend, user: Client, other_user: Client, admin: Client, key_holder: Client) -> dict[str, Client]:
    """Return everybody, the owner last: what belongs to them is there until all others were refused."""
    return {"nobody": backend.client, "program": key_holder, "other": other_user, "admin": admin, "owner": user}


@pytest.mark.parametrize("route", TABLE, ids=lambda route: f"{route.method} {route.path}")
def test_everybody_gets_what_the_table_says(
    backend: Backend, callers: dict[str, Client], resources: dict[str, str], route: Route
) -> None:
    path = route.path.format(**resources)
    expected = {name: getattr(route, name) for name in callers}
    if path == ENDS_THE_SESSION:
        names = {"other": "bob", "owner": "ann", "admin": "root"}
        callers = {**callers, **{name: backend.client.log_in(account) for name, account in names.items()}}
    found = {name: caller.request(route.method, path, route.body).status for name, caller in callers.items()}
    assert found == expected


WRITES = [route for route in TABLE if route.method != "GET" and route.nobody == 401 and route.path.startswith("/api/")]


@pytest.mark.parametrize("route", WRITES, ids=lambda route: f"{route.method} {route.path}")
def test_a_cookie_is_not_enough_for_another_site_to_change_anything(
    user: Client, resources: dict[str, str], route: Route
) -> None:
    token = user.headers["Authorization"].removeprefix("Bearer ")
    foreign = Client(user.socket_path, {"Cookie": f"llmchat_session={token}", "Origin": "http://evil.test"})
    answer = foreign.request(route.method, route.path.format(**resources), route.body)
    assert (answer.status, answer.json["code"]) == (403, "foreign_origin")


REFUSED = ((404, "found"), (422, "request"), (422, "configured"))
ODD_IDS = ("%00", "a%00b", "%ED%A0%80", "%FF", "%F0%9F%98%80", "%27", "%25", "%20", "x" * 4000, "-1", "..;")


@pytest.mark.parametrize("route", [each for each in TABLE if "{" in each.path], ids=lambda route: route.path)
def test_an_id_that_nothing_has_is_not_found_whatever_it_is_made_of(callers: dict[str, Client], route: Route) -> None:
    caller = callers["admin" if "/admin/" in route.path else "owner"]
    for odd in ODD_IDS:
        path = re.sub(r"{\w+}", odd, route.path)
        answer = caller.request(route.method, path, route.body)
        assert (answer.status, answer.json["code"].rpartition("_")[2]) in REFUSED, odd
