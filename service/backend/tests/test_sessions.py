"""Another signing key logs nobody out while the old one is kept; forged tokens are nothing; old hashes are renewed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import jwt
import pytest
from backend_process import SECRET_KEY, Backend
from client import HOST, PASSWORD, Answer, Client
from llmchat_backend.auth import accounts, passwords
from llmchat_backend.auth.tokens import Grant, TokenSigner
from llmchat_backend.clock import new_id, utc_now
from llmchat_backend.db.engine import Database, open_database
from llmchat_backend.db.models import User
from pwdlib.hashers.bcrypt import BcryptHasher
from pydantic import SecretStr
from sqlalchemy import select

NEW_KEY = "another-key-that-is-long-enough!"
MakeBackend = Callable[..., Backend]


def log_in(backend: Backend, username: str = "ann", password: str = PASSWORD) -> Answer:
    return backend.client.post("/api/auth/login", {"username": username, "password": password})


def cookie_of(answer: Answer) -> str:
    return answer.headers["Set-Cookie"].partition(";")[0]


def browser_with(backend: Backend, cookie: str) -> Client:
    return Client(str(backend.socket_path), {"Cookie": cookie, "Origin": f"http://{HOST}"})


def rotated(backend: Backend, *, keep: bool) -> Backend:
    assert backend.end() == 0
    backend.write_secret("SECRET_KEY", NEW_KEY)
    backend.write_secret("SECRET_KEY_PREVIOUS", SECRET_KEY if keep else "")
    return backend.start()


@pytest.fixture
def alone(make_backend: MakeBackend) -> Backend:
    backend = make_backend(real_hashes=True).start()
    backend.client.post("/api/auth/register", {"username": "ann", "password": PASSWORD})
    return backend


@pytest.fixture
def database(alone: Backend) -> Iterator[Database]:
    database = open_database(alone.database)
    yield database
    database.close()


@pytest.mark.slow
def test_another_key_logs_nobody_out_while_the_old_one_is_kept_and_browsers_get_a_new_token(alone: Backend) -> None:
    session = log_in(alone)
    old_cookie, client = cookie_of(session), Client(str(alone.socket_path))
    client.headers = {"Authorization": f"Bearer {session.json['access_token']}"}
    rotated(alone, keep=True)

    answer = browser_with(alone, old_cookie).get("/api/auth/me")
    assert answer.status == 200
    for part in ("HttpOnly", "SameSite=lax"):
        assert part in answer.headers["Set-Cookie"]
    assert "Secure" not in answer.headers["Set-Cookie"]
    new_cookie = cookie_of(answer)
    assert new_cookie != old_cookie
    with browser_with(alone, old_cookie).stream(client.new_conversation()) as question:
        assert question.response.headers["Set-Cookie"].startswith(new_cookie)
    assert "Set-Cookie" not in browser_with(alone, new_cookie).get("/api/auth/me").headers
    bearer = client.get("/api/auth/me")
    assert (bearer.status, "Set-Cookie" in bearer.headers) == (200, False)

    old, new = (
        jwt.decode(cookie.partition("=")[2], key, algorithms=["HS256"])
        for cookie, key in ((old_cookie, SECRET_KEY), (new_cookie, NEW_KEY))
    )
    assert new == old  # the same session, and no longer than before

    rotated(alone, keep=False)
    assert browser_with(alone, new_cookie).get("/api/auth/me").status == 200
    assert browser_with(alone, old_cookie).get("/api/auth/me").status == 401
    assert client.get("/api/auth/me").status == 401


@pytest.mark.slow
def test_a_session_that_ended_is_not_brought_back_by_the_old_key(alone: Backend) -> None:
    old_cookie = cookie_of(log_in(alone))
    rotated(alone, keep=True)
    browser = browser_with(alone, old_cookie)
    assert browser.post("/api/auth/logout").status == 204
    again = browser.get("/api/auth/me")
    assert (again.status, "Set-Cookie" in again.headers) == (401, False)


@pytest.mark.slow
def test_a_short_previous_key_is_refused_without_being_shown(alone: Backend) -> None:
    assert alone.end() == 0
    alone.write_secret("SECRET_KEY_PREVIOUS", "thirty-one-bytes-are-not-enough")
    ended = alone.command("serve")
    assert ended.returncode == 3
    assert "SECRET_KEY_PREVIOUS needs at least 32 bytes" in ended.stderr
    assert "thirty-one" not in ended.stderr


def grant(lifetime: timedelta = timedelta(hours=1)) -> Grant:
    now = utc_now().replace(microsecond=0)
    return Grant("user", new_id(), now, now + lifetime)


def test_a_signer_reads_its_own_and_the_previous_key_s_tokens_and_nobody_else_s() -> None:
    old, other = TokenSigner(SecretStr("o" * 32)), TokenSigner(SecretStr("x" * 32))
    signer = TokenSigner(SecretStr("n" * 32), SecretStr("o" * 32))
    given = grant()
    for token, outdated in ((signer.sign(given), False), (old.sign(given), True)):
        read = signer.read(token)
        assert read is not None
        assert (read.grant, read.outdated) == (given, outdated)
    assert signer.read(other.sign(given)) is None
    assert old.read(signer.sign(given)) is None
    assert signer.read(old.sign(grant(timedelta(seconds=-1)))) is None


@pytest.mark.slow
def test_a_token_that_was_read_before_is_nothing_either_once_it_has_expired() -> None:
    signer = TokenSigner(SecretStr("n" * 32))
    token = signer.sign(Grant("user", "session", utc_now(), utc_now() + timedelta(seconds=2)))
    assert signer.read(token) is not None
    assert signer.read(token) == signer.read(token)
    time.sleep(2.1)
    assert signer.read(token) is None
    assert signer.read(token) is None


def test_a_changed_token_is_not_taken_for_the_one_read_before() -> None:
    signer = TokenSigner(SecretStr("n" * 32))
    token = signer.sign(Grant("user", "session", utc_now(), utc_now() + timedelta(hours=1)))
    assert signer.read(token) is not None
    assert signer.read(token[:-2] + ("AA" if token[-2:] != "AA" else "BB")) is None


@pytest.mark.parametrize("algorithm", ["none", "HS512"])
def test_a_token_of_another_algorithm_is_nothing(algorithm: str) -> None:
    key = "k" * 64
    claims = {"sub": "user", "sid": "s", "iat": utc_now(), "exp": utc_now() + timedelta(hours=1)}
    token = jwt.encode(claims, None if algorithm == "none" else key, algorithm=algorithm)
    assert TokenSigner(SecretStr(key), SecretStr(key)).read(token) is None


@pytest.mark.parametrize("claims", [{"sid": 1}, {"sub": 1}, {"exp": "x"}, {"iat": "x"}, {"exp": 10**30}, {"sid": None}])
def test_a_signed_token_that_says_nonsense_is_nothing(claims: dict[str, object]) -> None:
    key = "k" * 32
    now = int(time.time())
    token = jwt.encode({"sub": "u", "sid": "s", "iat": now, "exp": now + 60, **claims}, key, algorithm="HS256")
    assert TokenSigner(SecretStr(key)).read(token) is None


@pytest.mark.slow
@pytest.mark.parametrize("made_by", [BcryptHasher(4), BcryptHasher(4, "2a")])
def test_a_hash_of_another_cost_is_renewed_at_the_next_right_log_in(
    alone: Backend, database: Database, made_by: BcryptHasher
) -> None:
    old = made_by.hash(PASSWORD)
    database.write_now(accounts.create, username="guide", hashed_password=old)

    def stored() -> str | None:
        return database.read_now(
            lambda session: session.scalar(select(User.hashed_password).where(User.username == "guide"))
        )

    assert log_in(alone, "guide", "not the password").status == 401
    assert stored() == old
    session = log_in(alone, "guide").json["access_token"]
    renewed = stored()
    assert renewed is not None
    assert renewed.startswith("$2b$12$")
    assert log_in(alone, "guide").status == 200
    assert stored() == renewed
    assert Client(str(alone.socket_path), {"Authorization": f"Bearer {session}"}).get("/api/auth/me").status == 200


@pytest.mark.slow
def test_a_refusal_takes_as_long_whatever_is_wrong() -> None:
    """An unknown name, a wrong password, an account without one, and a password that is too long."""
    hashed = passwords.hash_now(PASSWORD)

    def seconds(password: str, stored: str | None) -> float:
        began = time.process_time()
        assert passwords._verify(password, stored) == passwords.Verdict(right=False)
        return time.process_time() - began

    wrong = min(seconds("not the password", hashed) for _ in range(2))
    for password, stored in (
        ("not the password", None),
        ("not the password", "!"),
        ("x" * 100, hashed),
        ("x" * 100, None),
    ):
        assert 0.6 < seconds(password, stored) / wrong < 1.7
