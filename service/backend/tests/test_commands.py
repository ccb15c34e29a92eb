from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest
from backend_process import Backend
from model_server import ModelServer


def run(backend: Backend, *arguments: str, stdin: str = "") -> tuple[int, dict[str, Any]]:
    ended = backend.command(*arguments, stdin=stdin)
    assert ended.stdout.count("\n") == 1, ended.stderr
    return ended.returncode, json.loads(ended.stdout)


@pytest.fixture
def fresh(make_backend: Callable[..., Backend]) -> Backend:
    return make_backend()


def test_ensure_creates_an_administrator_once(fresh: Backend) -> None:
    ensure = ("admin", "ensure", "--username", "admin")
    assert run(fresh, *ensure, "--must-change", stdin="first password") == (
        0,
        {"created": True, "username": "admin"},
    )
    assert run(fresh, *ensure, stdin="other password") == (0, {"created": False, "username": "admin"})
    replaced = run(fresh, *ensure, "--replace-unused", "--must-change", stdin="third password")
    assert replaced == (0, {"created": False, "replaced": True, "username": "admin"})
    client = fresh.start().client
    assert client.log_in("admin", "third password").get("/api/auth/me").json["must_change_password"] is True
    used = run(fresh, *ensure, "--replace-unused", stdin="fourth password")
    assert used == (0, {"created": False, "username": "admin"})
    assert client.log_in("admin", "third password").get("/api/auth/me").json["is_admin"] is True


def test_ensure_never_promotes_whoever_took_the_name(fresh: Backend) -> None:
    client = fresh.start().client
    client.post("/api/auth/register", {"username": "admin", "password": "my password"})
    code, answer = run(fresh, "admin", "ensure", "--username", "admin", stdin="good password")
    assert (code, answer["error"]["code"]) == (6, "username_taken")


def test_a_reset_password_ends_the_sessions(fresh: Backend) -> None:
    run(fresh, "admin", "create", "--username", "管理员", stdin="first password")
    admin = fresh.start().client.log_in("管理员", "first password")
    code, answer = run(fresh, "admin", "reset-password", "--username", "管理员", stdin="second password")
    assert (code, answer) == (0, {"reset": True, "username": "管理员"})
    assert admin.get("/api/auth/me").status == 401
    _, listed = run(fresh, "admin", "list")
    assert [user["username"] for user in listed["admins"]] == ["管理员"]


@pytest.mark.parametrize(
    ("arguments", "password", "code"),
    [
        (("create", "--username", "bob"), "short", "weak_password"),
        (("create", "--username", "bob"), "x" * 73, "weak_password"),
        (("create", "--username", " bob"), "long enough", "invalid_username"),
        (("reset-password", "--username", "nobody"), "long enough", "unknown_user"),
    ],
)
def test_refusals_exit_6(fresh: Backend, arguments: tuple[str, ...], password: str, code: str) -> None:
    exit_code, answer = run(fresh, "admin", *arguments, stdin=password)
    assert (exit_code, answer["error"]["code"]) == (6, code)


def test_administrators_need_a_migrated_database(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend(migrated=False)
    code, answer = run(backend, "admin", "ensure", "--username", "admin", stdin="good password")
    assert (code, answer["error"]["code"]) == (6, "not_migrated")


def test_a_probe_gets_one_word(fresh: Backend, model: ModelServer) -> None:
    code, answer = run(fresh, "probe")
    assert (code, answer["ok"], answer["model"]) == (0, True, "default")
    assert answer["first_token_ms"] >= 0


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (401, b"", "wrong_key"),
        (404, b"", "wrong_path"),
        (404, b'{"error":{"message":"model not found"}}', "model_unknown"),
        (500, b"", "bad_answer"),
        (200, b"<html>", "bad_answer"),
    ],
)
def test_a_probe_tells_what_is_wrong(fresh: Backend, model: ModelServer, status: int, body: bytes, reason: str) -> None:
    model.behaviour.status, model.behaviour.body = status, body or b"no"
    model.behaviour.content_type = "text/html"
    code, answer = run(fresh, "probe")
    assert (code, answer["reason"]) == (9, reason)
    assert answer["hint"]


def test_a_probe_does_not_wait_for_ever(fresh: Backend, model: ModelServer) -> None:
    model.behaviour.silence = 5
    assert run(fresh, "probe", "--timeout", "0.5")[1]["reason"] == "timeout"


def test_a_probe_tells_a_refusal_from_another_address_and_from_an_unknown_name(
    make_backend: Callable[..., Backend], model: ModelServer
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for url, reason in (
        (f"http://127.0.0.1:{port}/v1/chat/completions", "nothing_listens"),
        (f"http://127.0.0.2:{model.port}/v1/chat/completions", "other_address"),
        ("http://model.invalid/v1/chat/completions", "dns"),
    ):
        assert run(make_backend(LLM_API_URL=url), "probe")[1]["reason"] == reason


def test_every_preset_is_probed_with_its_own_key(make_backend: Callable[..., Backend], model: ModelServer) -> None:
    preset = {"name": "Preset", "url": model.url, "model": "m2"}
    backend = make_backend(PRESET_MODELS=json.dumps({"second": preset}))
    backend.write_secret("PRESET_MODEL_KEYS", '{"second":"its own $key"}')
    ended = backend.command("probe", "--all")
    assert [json.loads(line)["model"] for line in ended.stdout.splitlines()] == ["default", "second"]
    assert model.keys == ["Bearer model-key", "Bearer its own $key"]
