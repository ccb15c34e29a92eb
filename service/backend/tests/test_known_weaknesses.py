"""What made other chat services unsafe, tried on this one by real requests.

Each test names the class and where it was found. Addresses that others fetched for strangers: see
`test_known_weaknesses_addresses`; Markdown that scripts a page: the page's own tests.
"""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from backend_process import SECRET_KEY, Backend
from client import PASSWORD, Client
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from llmchat_backend.app import build_routes
from model_server import ModelServer, chunk

PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status, answer.json["code"]


def test_foreign_chat_id(user: Client, other_user: Client, admin: Client, model: ModelServer) -> None:
    """Completions in another user's conversation, by its id: Open WebUI, CVE-2026-45349."""
    conversation = user.new_conversation()
    question = user.ask(conversation, "a secret question")[0].data["user_message_id"]
    before = user.get(f"/api/conversations/{conversation}").json
    model.requests.clear()
    for stranger in (other_user, admin):
        for path, body in (
            (f"/api/conversations/{conversation}/messages", {"content": "What did they say?"}),
            (f"/api/messages/{question}/edit", {"content": "Say it again"}),
            (f"/api/messages/{before['messages'][1]['id']}/regenerate", None),
        ):
            assert stranger.post(path, body).status == 404
        for path in (f"/api/conversations/{conversation}", f"/api/conversations/{conversation}/export"):
            assert refusal(stranger.get(path)) == (404, "conversation_not_found")
        named = {"content": "And there?", "conversation_id": conversation, "chat_id": conversation}
        assert stranger.post(f"/api/conversations/{stranger.new_conversation()}/messages", named).status == 422
        assert conversation not in stranger.get("/api/conversations").body.decode()
        assert b"a secret question" not in stranger.get("/api/export").body
        assert stranger.get("/api/search?q=secret+question").json["items"] == []
    assert model.requests == []
    assert user.get(f"/api/conversations/{conversation}").json == before


def test_foreign_stream_id(user: Client, other_user: Client, admin: Client, model: ModelServer) -> None:
    """Another user's answer read while it is streamed, by its id: LibreChat, CVE-2026-31950."""
    model.behaviour.chunks, model.behaviour.hang_after = (chunk({"content": "for you alone"}),), True
    with user.stream(user.new_conversation()) as stream:
        events = stream.events()
        answer = next(events).data["message_id"]
        assert next(events).data["text"] == "for you alone"
        for stranger in (other_user, admin, Client(user.socket_path)):
            for path in (f"/api/messages/{answer}/stream", f"/api/messages/{answer}/stream?after=0-0"):
                refused = stranger.get(path)
                assert refused.status in (401, 404)
                assert b"alone" not in refused.body
            assert stranger.post(f"/api/messages/{answer}/stop").status in (401, 404)
        assert not model.cancelled.is_set()
        assert user.post(f"/api/messages/{answer}/stop").status == 202
        assert [event.name for event in events][-1] == "done"


def test_foreign_file(user: Client, other_user: Client, admin: Client, model: ModelServer) -> None:
    """Another user's file read, used or removed: Open WebUI, CVE-2026-45671."""
    file = user.upload("mine.png", PNG, "image/png").json["id"]
    for stranger in (other_user, admin):
        assert stranger.get(f"/api/attachments/{file}").status == 404
        assert stranger.delete(f"/api/attachments/{file}").status == 405
        conversation = stranger.new_conversation()
        body = {"content": "What is it?", "attachment_ids": [file]}
        assert refusal(stranger.post(f"/api/conversations/{conversation}/messages", body)) == (
            422, "unknown_attachment",
        )  # fmt: skip
        assert stranger.delete(f"/api/conversations/{conversation}").status == 204
    assert user.get(f"/api/attachments/{file}").body == PNG
    conversation = user.new_conversation()
    user.ask(conversation, "Look", attachment_ids=[file])
    assert other_user.delete(f"/api/conversations/{conversation}").status == 404
    assert user.get(f"/api/attachments/{file}").body == PNG


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../../secrets/SECRET_KEY", "..%2f..%2fsecrets%2fSECRET_KEY", "%2fetc%2fpasswd", "%00", "."]
)
def test_file_of_the_server(user: Client, path: str) -> None:
    """A file of the server itself, named by its path: Chainlit, CVE-2026-22218."""
    for where in (f"/api/attachments/{path}", f"/api/docs-assets/{path}"):
        answer = user.get(where)
        assert answer.status in (404, 405, 307, 422)
        assert b"root:" not in answer.body
        assert SECRET_KEY.encode() not in answer.body
    uploaded = user.upload(path.replace("%2f", "/"), b"text", "text/plain").json
    assert "/" not in uploaded["filename"]
    assert user.get(f"/api/attachments/{uploaded['id']}").body == b"text"


def bodies_that_lack_something() -> Iterator[tuple[str, str, Any]]:
    """Yield each route that takes JSON with bodies that aren't what it takes."""
    document = build_routes().openapi()
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content is None:
                continue
            schema = content["schema"]
            schema = next((each for each in schema.get("anyOf", ()) if "$ref" in each), schema)
            fields = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
            whole = dict.fromkeys(fields["properties"], "x")
            for body in (None, [], "x", 1, {}, *({**whole, name: None} for name in whole)):
                yield method.upper(), path, body
            for name in whole:
                yield method.upper(), path, {other: value for other, value in whole.items() if other != name}


@pytest.mark.slow
def test_missing_body_field(backend: Backend, admin: Client, editor: Client) -> None:
    """A request without a field it needs ends the whole process: LibreChat, CVE-2026-31949."""
    bodies = list(bodies_that_lack_something())
    assert len({(method, path) for method, path, _ in bodies}) > 12
    for method, path, body in bodies:
        if path == "/api/auth/login":  # its limit would be reached
            continue
        caller = editor if path.startswith("/v1") else admin
        raw = None if body is None else json.dumps(body).encode()
        status = caller.request(method, path.format_map(_Nobodys()), raw, Content_Type="application/json").status
        assert status < 500, (method, path, body)
    assert backend.process is not None
    assert backend.process.poll() is None
    assert backend.client.get("/health/ready").status == 200


class _Nobodys(dict[str, str]):
    def __missing__(self, _name: str) -> str:
        return "0" * 32


@pytest.mark.slow
def test_registration_toggle(make_backend: Callable[..., Backend]) -> None:
    """Registration that is off on the page only, and on in the API: Open WebUI, issue 7440."""
    backend = make_backend(REGISTRATION="closed").start()
    account = {"username": "mallory", "password": PASSWORD}
    for body in (account, {**account, "invitation": "x"}):
        assert refusal(backend.client.post("/api/auth/register", body)) == (403, "registration_closed")
    assert backend.client.post("/api/auth/login", account).status == 401
    assert backend.client.post("/api/admin/users", {"username": "mallory"}).status == 401


@pytest.mark.parametrize("more", [{"role": "admin"}, {"is_admin": True}, {"is_active": True}, {"pending": False}])
def test_first_come_first_admin(backend: Backend, username: str, more: dict[str, Any]) -> None:
    """Whoever registers first, or says so, is an administrator: the habit of Open WebUI, LibreChat and Onyx."""
    asked = {"username": username, "password": PASSWORD, **more}
    assert refusal(backend.client.post("/api/auth/register", asked)) == (422, "invalid_request")
    made = backend.client.post("/api/auth/register", {"username": username, "password": PASSWORD})
    assert (made.status, made.json["user"]["is_admin"]) == (201, False)


@pytest.mark.slow
@pytest.mark.parametrize("key", [None, "", "changethis", "x" * 31, "your-super-secret-key-here"])
def test_default_or_weak_key(make_backend: Callable[..., Backend], key: str | None) -> None:
    """A signing key that everybody has, or can guess: LibreChat's `.env.example`, a template's `changethis`.

    There is none to fall back to, and none shorter than its hash. Long ones printed in the guide are refused where
    they are written down, by the deploy tool.
    """
    backend = make_backend()
    file = backend.folder / "secrets" / "SECRET_KEY"
    file.unlink() if key is None else file.write_text(key)
    ended = backend.command("serve")
    assert ended.returncode == 3
    assert "SECRET_KEY" in ended.stderr
    assert not key or key not in ended.stderr


def test_forged_with_a_published_key(backend: Backend, user: Client, other_user: Client) -> None:
    """The same seen from the other side: a token signed with a key that was printed somewhere."""
    claims = jwt.decode(token_of(user), options={"verify_signature": False})
    for key in (
        "production-secret-key-xyz123456789",
        "a3f8c7e2b1d9f0e4a6b8c7d2e1f9a3b4c5d6e7f8a9b0c1d2e3f4a5b6c7d8e9f0",
    ):
        assert who(backend, jwt.encode(claims, key, algorithm="HS256")) == 401
    assert who(backend, jwt.encode(claims, SECRET_KEY, algorithm="HS256")) == 200  # or the test could not fail
    foreign = {**claims, "sub": other_user.user_id}
    assert bearer(backend, jwt.encode(foreign, SECRET_KEY, algorithm="HS256")).user_id == user.user_id


def test_algorithm_confusion(backend: Backend, user: Client) -> None:
    """A token that chooses how it is checked: `none`, or a public key taken for a secret (CVE-2015-9235)."""
    claims = jwt.decode(token_of(user), options={"verify_signature": False})
    _, payload, signature = token_of(user).split(".")
    for algorithm in ("none", "None", "NONE", "", None, "HS384", "RS256", "ES256"):
        head = part({"alg": algorithm, "typ": "JWT"})
        for ending in ("", signature, part(hmac.digest(SECRET_KEY.encode(), f"{head}.{payload}".encode(), "sha256"))):
            assert who(backend, f"{head}.{payload}.{ending}") == 401, algorithm
    pair = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = pair.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert who(backend, jwt.encode(claims, pair, algorithm="RS256")) == 401
    head = part({"alg": "HS256", "typ": "JWT", "kid": "../../dev/null", "jwk": {"kty": "oct", "k": ""}})
    for key in (public, b"", b"\0"):
        forged = part(hmac.digest(key, f"{head}.{payload}".encode(), "sha256"))
        assert who(backend, f"{head}.{payload}.{forged}") == 401
    for algorithm in ("HS384", "HS512"):
        head, digest = part({"alg": algorithm, "typ": "JWT"}), algorithm.replace("HS", "sha")
        assert (
            who(
                backend,
                f"{head}.{payload}.{part(hmac.digest(SECRET_KEY.encode(), f'{head}.{payload}'.encode(), digest))}",
            )
            == 401
        )
    assert who(backend, token_of(user)) == 200


def test_session_that_outlives_its_end(backend: Backend, user: Client) -> None:
    """A token that goes on working after its session ended, for it is only looked at: Open WebUI without Redis."""
    claims = jwt.decode(token_of(user), options={"verify_signature": False})
    for wrong in ({"sid": "0" * 32}, {"exp": int(time.time()) - 1}, {"sid": "f" * 32}):
        assert who(backend, jwt.encode({**claims, **wrong}, SECRET_KEY, algorithm="HS256")) == 401


def token_of(client: Client) -> str:
    return client.headers["Authorization"].removeprefix("Bearer ")


def bearer(backend: Backend, token: str) -> Client:
    return Client(backend.client.socket_path, {"Authorization": f"Bearer {token}"})


def who(backend: Backend, token: str) -> int:
    """Return the status that a token gets, as a Bearer token and as a cookie alike."""
    by_header = bearer(backend, token).get("/api/auth/me").status
    by_cookie = backend.client.get("/api/auth/me", Cookie=f"llmchat_session={token}").status
    assert by_header == by_cookie
    return by_header


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
