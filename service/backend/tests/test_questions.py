"""A question takes a short way through the API; what it is answered doesn't depend on that."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from backend_process import Backend
from client import HOST, PASSWORD, Client
from llmchat_backend.api.session_cookie import COOKIE
from llmchat_backend.api.short_way import _PLAIN_PATH
from llmchat_backend.clock import utc_now
from llmchat_backend.db.models import LoginSession, User
from model_server import ModelServer
from sqlalchemy import Executable, delete, update

PLAIN, USUAL = "application/json", "application/json; charset=utf-8"
"""A body of the second type is read by FastAPI."""

QUESTION = b'{"content": "Hi"}'


@pytest.fixture
def path(fresh_user: Client) -> str:
    return f"/api/conversations/{fresh_user.new_conversation()}/messages"


@pytest.mark.parametrize("media_type", [PLAIN, USUAL])
def test_a_question_is_answered_either_way(fresh_user: Client, path: str, model: ModelServer, media_type: str) -> None:
    answer = fresh_user.post(path, json.dumps({"content": "Hi, 世界"}).encode(), Content_Type=media_type)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
    assert b"event: done" in answer.body
    assert model.requests[-1]["messages"][-1] == {"role": "user", "content": "Hi, 世界"}


@pytest.mark.parametrize("media_type", [PLAIN, USUAL])
@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"content": ""}', "content: must not be empty without attachments"),
        (b'{"content": "a", "more": 1}', "more: Extra inputs are not permitted"),
        (b'{"content": 1}', "content: Input should be a valid string"),
        (b'{"content": "\\ud800"}', "content: must not contain half a character (a lone surrogate)"),
        (b'{"content"', "JSON decode error"),
        (b"", "Field required"),
        (b"[]", "Input should be a valid dictionary or object to extract fields from"),
    ],
)
def test_what_is_wrong_is_said_in_the_same_words(
    fresh_user: Client, path: str, media_type: str, body: bytes, detail: str
) -> None:
    answer = fresh_user.post(path, body, Content_Type=media_type)
    assert (answer.status, answer.json) == (422, {"code": "invalid_request", "detail": detail})


@pytest.mark.parametrize("media_type", [PLAIN, USUAL])
def test_nobody_asks_without_an_account_or_for_another_site(
    fresh_user: Client, path: str, username: str, media_type: str
) -> None:
    body, stranger = b'{"content": "Hi"}', Client(fresh_user.socket_path)
    answer = stranger.post(path, body, Content_Type=media_type)
    assert (answer.status, answer.json["code"]) == (401, "not_authenticated")
    cookie = stranger.post("/api/auth/login", {"username": username, "password": PASSWORD}).headers["Set-Cookie"]
    browser = Client(fresh_user.socket_path, {"Cookie": cookie.partition(";")[0]})
    assert browser.post(path, body, Content_Type=media_type).status == 403
    assert browser.post(path, body, Content_Type=media_type, Origin="http://evil.test").status == 403
    assert browser.post(path, body, Content_Type=media_type, Origin=f"http://{HOST}").status == 200


@pytest.mark.parametrize("media_type", [PLAIN, USUAL])
def test_ids_that_are_none_of_ours_are_looked_for_or_refused(fresh_user: Client, media_type: str) -> None:
    def status_of(conversation_id: str) -> int:
        path = f"/api/conversations/{conversation_id}/messages"
        return fresh_user.post(path, b'{"content": "Hi"}', Content_Type=media_type).status

    assert [status_of(each) for each in ("f" * 32, "of-the-guide", "f" * 65, "%00")] == [404, 404, 422, 422]


def test_most_questions_take_the_short_way(path: str) -> None:
    assert _PLAIN_PATH.fullmatch(path)


NOT_LOGGED_IN = (401, "not_authenticated")
REFUSED: dict[str, tuple[Callable[[str], Executable], tuple[int, str]]] = {
    "password to be changed": (
        lambda user: update(User).where(User.id == user).values(must_change_password=True),
        (403, "password_change_required"),
    ),
    "deactivated": (lambda user: update(User).where(User.id == user).values(is_active=False), NOT_LOGGED_IN),
    "expired": (
        lambda user: update(LoginSession).where(LoginSession.user_id == user).values(expires_at=utc_now()),
        NOT_LOGGED_IN,
    ),
    "logged out": (lambda user: delete(LoginSession).where(LoginSession.user_id == user), NOT_LOGGED_IN),
}


@pytest.mark.parametrize("media_type", [PLAIN, USUAL])
@pytest.mark.parametrize("why", REFUSED)
def test_whoever_may_not_ask_any_more_is_refused_at_once(
    backend: Backend, fresh_user: Client, path: str, media_type: str, why: str
) -> None:
    change, refusal = REFUSED[why]
    backend.write(change(fresh_user.get("/api/auth/me").json["id"]))
    answer = fresh_user.post(path, QUESTION, Content_Type=media_type)
    assert (answer.status, answer.json["code"]) == refusal
    assert ("WWW-Authenticate" in answer.headers) == (answer.status == 401)


@pytest.mark.parametrize("media_type", [PLAIN, USUAL])
@pytest.mark.parametrize(("body", "status"), [(b'{"content"', 422), (b'{"content": "' + b"x" * 5_000_000, 413)])
def test_another_site_is_told_the_same_of_a_wrong_body(
    fresh_user: Client, path: str, media_type: str, body: bytes, status: int
) -> None:
    token = fresh_user.headers["Authorization"].removeprefix("Bearer ")
    browser = Client(fresh_user.socket_path, {"Cookie": f"{COOKIE}={token}"})
    assert browser.post(path, body, Content_Type=media_type, Origin="http://evil.test").status == status
