from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import jwt
import pytest
from backend_process import Backend
from client import HOST, PASSWORD, Answer, Client
from conftest import new_user
from llmchat_backend.clock import utc_now
from llmchat_backend.db.models import LoginSession
from sqlalchemy import update


def log_in(backend: Backend, username: str, **headers: str) -> Answer:
    return backend.client.post("/api/auth/login", {"username": username, "password": PASSWORD}, **headers)


@pytest.fixture
def browser(backend: Backend, fresh_user: Client, username: str) -> Client:
    cookie = log_in(backend, username).headers["Set-Cookie"].partition(";")[0]
    return Client(backend.client.socket_path, {"Cookie": cookie})


def test_the_cookie_is_secure_exactly_when_outside_is_https(
    backend: Backend, fresh_user: Client, username: str
) -> None:
    plain = log_in(backend, username).headers["Set-Cookie"]
    secure = log_in(backend, username, X_Forwarded_Proto="https").headers["Set-Cookie"]
    for cookie in (plain, secure):
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
    assert "Secure" not in plain
    assert "Secure" in secure


def test_a_cookie_reads_without_an_origin_and_writes_with_our_own(browser: Client) -> None:
    assert browser.get("/api/auth/me").status == 200
    assert browser.post("/api/conversations", Origin=f"http://{HOST}").status == 201
    assert browser.post("/api/conversations", Referer=f"http://{HOST}/chat").status == 201
    assert browser.post("/api/conversations", Origin=f"https://{HOST}", X_Forwarded_Proto="https").status == 201
    elsewhere = "http://allowed.test:3000"
    assert browser.post("/api/conversations", Origin=elsewhere, X_LLMChat_Origins=f"http://x {elsewhere}").status == 201


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.test"},
        {"Origin": "http://evil.test", "X_LLMChat_Origins": "http://allowed.test"},
        {"Origin": "null"},
        {"Origin": f"http://{HOST}:81"},
        {"Referer": "x"},
    ],
)
def test_a_cookie_does_not_write_for_another_site(browser: Client, headers: dict[str, str]) -> None:
    answer = browser.post("/api/conversations", **headers)
    assert (answer.status, answer.json["code"]) == (403, "foreign_origin")


def test_another_site_cannot_log_its_visitor_in(backend: Backend, fresh_user: Client, username: str) -> None:
    assert log_in(backend, username, Origin="http://evil.test").status == 403


def test_logging_out_clears_the_cookie(browser: Client) -> None:
    answer = browser.post("/api/auth/logout", Origin=f"http://{HOST}")
    assert answer.status == 204
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert browser.get("/api/auth/me").status == 401


@pytest.mark.slow
def test_a_log_in_lasts_as_long_as_the_settings_say(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend(ACCESS_TOKEN_EXPIRE_MINUTES="7").start()
    ann = new_user(backend, "ann")
    answer = log_in(backend, "ann")
    assert "Max-Age=420;" in answer.headers["Set-Cookie"]
    claims = jwt.decode(answer.json["access_token"], options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 420
    assert ann.get("/api/auth/me").status == 200
    backend.write(update(LoginSession).values(expires_at=utc_now() - timedelta(seconds=1)))
    assert ann.get("/api/auth/me").status == 401
