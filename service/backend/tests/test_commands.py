from __future__ import annotations

import io
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from backend_process import Backend
from llmchat_backend.cli.main import main
from model_server import ModelServer
from pwdlib.hashers.bcrypt import BcryptHasher

pytestmark = pytest.mark.slow


class Commands:
    """Runs commands in this process, against one backend's folder: an interpreter for each would cost a second."""

    def __init__(self, backend: Backend, patch: pytest.MonkeyPatch, output: pytest.CaptureFixture[str]) -> None:
        self.backend, self.patch, self.output = backend, patch, output

    def lines(self, *arguments: str, stdin: str = "", **environment: str) -> tuple[int, list[dict[str, Any]]]:
        for name, value in (self.backend.env() | environment).items():
            self.patch.setenv(name, value)
        self.patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        code = main(list(arguments))
        return code, [json.loads(line) for line in self.output.readouterr().out.splitlines()]

    def run(self, *arguments: str, stdin: str = "", **environment: str) -> tuple[int, dict[str, Any]]:
        code, (line,) = self.lines(*arguments, stdin=stdin, **environment)
        return code, line


@pytest.fixture
def commands(
    make_backend: Callable[..., Backend], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Commands:
    return Commands(make_backend(), monkeypatch, capsys)


def test_ensure_creates_an_administrator_once(commands: Commands) -> None:
    ensure = ("admin", "ensure", "--username", "admin")
    assert commands.run(*ensure, "--must-change", stdin="first password") == (
        0,
        {"created": True, "username": "admin"},
    )
    assert commands.run(*ensure, stdin="other password") == (0, {"created": False, "username": "admin"})
    replaced = commands.run(*ensure, "--replace-unused", "--must-change", stdin="third password")
    assert replaced == (0, {"created": False, "replaced": True, "username": "admin"})
    client = commands.backend.start().client
    assert client.log_in("admin", "third password").get("/api/auth/me").json["must_change_password"] is True
    used = commands.run(*ensure, "--replace-unused", stdin="fourth password")
    assert used == (0, {"created": False, "username": "admin"})
    assert client.log_in("admin", "third password").get("/api/auth/me").json["is_admin"] is True


def test_ensure_never_promotes_whoever_took_the_name(commands: Commands) -> None:
    client = commands.backend.start().client
    client.post("/api/auth/register", {"username": "admin", "password": "my password"})
    code, answer = commands.run("admin", "ensure", "--username", "admin", stdin="good password")
    assert (code, answer["error"]["code"]) == (6, "username_taken")


def test_a_reset_password_ends_the_sessions(commands: Commands) -> None:
    commands.run("admin", "create", "--username", "管理员", stdin="first password")
    admin = commands.backend.start().client.log_in("管理员", "first password")
    code, answer = commands.run("admin", "reset-password", "--username", "管理员", stdin="second password")
    assert (code, answer) == (0, {"reset": True, "username": "管理员"})
    assert admin.get("/api/auth/me").status == 401
    _, listed = commands.run("admin", "list")
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
def test_refusals_exit_6(commands: Commands, arguments: tuple[str, ...], password: str, code: str) -> None:
    exit_code, answer = commands.run("admin", *arguments, stdin=password)
    assert (exit_code, answer["error"]["code"]) == (6, code)


def test_imported_accounts_log_in_as_before(commands: Commands) -> None:
    commands.run("admin", "create", "--username", "Admin", stdin="admin of here")
    hashed = BcryptHasher(4).hash("guide password")
    found = [
        {"username": "admin", "hashed_password": hashed, "is_admin": True},
        {"username": "alice", "hashed_password": hashed.replace("$2b$", "$2y$"), "created_at": "2025-01-02 03:04:05"},
        {"username": "bob", "hashed_password": hashed, "is_active": False},
        {"username": "carol", "hashed_password": "pbkdf2:sha256:1$x$y"},
        {"username": " dave", "hashed_password": hashed},
    ]
    code, answer = commands.run("accounts", "import", stdin=json.dumps(found))
    assert (code, answer) == (
        0,
        {
            "added": ["alice", "bob", "carol"],
            "kept": ["admin"],
            "refused": [" dave"],
            "without_password": ["carol"],
        },
    )
    client = commands.backend.start().client
    assert client.log_in("alice", "guide password").get("/api/auth/me").json["is_admin"] is False
    assert client.log_in("admin", "admin of here").get("/api/auth/me").json["is_admin"] is True
    for name, password in (("admin", "guide password"), ("bob", "guide password"), ("carol", "!")):
        assert client.post("/api/auth/login", {"username": name, "password": password}).status == 401


@pytest.mark.parametrize("text", ["", "{}", '[{"username": 1}]', '[{"username": "a", "role": "x"}]'])
def test_accounts_that_are_none_change_nothing_and_are_not_repeated(commands: Commands, text: str) -> None:
    code, answer = commands.run("accounts", "import", stdin=text)
    assert (code, answer["error"]["code"]) == (6, "invalid_accounts")
    assert "username" not in answer["error"]["message"]


@pytest.mark.sqlite
def test_administrators_need_a_migrated_database(commands: Commands) -> None:
    commands.backend.database_file.unlink()
    code, answer = commands.run("admin", "ensure", "--username", "admin", stdin="good password")
    assert (code, answer["error"]["code"]) == (6, "not_migrated")


def test_a_probe_gets_one_word(commands: Commands, model: ModelServer) -> None:
    code, answer = commands.run("probe")
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
def test_a_probe_tells_what_is_wrong(
    commands: Commands, model: ModelServer, status: int, body: bytes, reason: str
) -> None:
    model.behaviour.status, model.behaviour.body = status, body or b"no"
    model.behaviour.content_type = "text/html"
    code, answer = commands.run("probe")
    assert (code, answer["reason"]) == (9, reason)
    assert answer["hint"]


def test_a_probe_does_not_wait_for_ever(commands: Commands, model: ModelServer) -> None:
    model.behaviour.silence = 5
    assert commands.run("probe", "--timeout", "0.5")[1]["reason"] == "timeout"


def test_a_probe_tells_a_refusal_from_another_address_and_from_an_unknown_name(
    commands: Commands, model: ModelServer
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for url, reason in (
        (f"http://127.0.0.1:{port}/v1/chat/completions", "nothing_listens"),
        (f"http://127.0.0.2:{model.port}/v1/chat/completions", "other_address"),
        ("http://model.invalid/v1/chat/completions", "dns"),
    ):
        assert commands.run("probe", LLM_API_URL=url)[1]["reason"] == reason


@pytest.mark.parametrize(("written", "host"), [("127.0.0.1", "127.0.0.1"), ("[::1]", "::1")])
def test_a_probe_says_where_nothing_listens(commands: Commands, written: str, host: str) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        answer = commands.run("probe", LLM_API_URL=f"http://{written}:{port}/v1/chat/completions")[1]
    assert (answer["reason"], answer["host"], answer["port"]) == ("nothing_listens", host, port)


def test_every_preset_is_probed_with_its_own_key(commands: Commands, model: ModelServer) -> None:
    preset = {"name": "Preset", "url": model.url, "model": "m2"}
    commands.backend.write_secret("PRESET_MODEL_KEYS", '{"second":"its own $key"}')
    code, lines = commands.lines("probe", "--all", PRESET_MODELS=json.dumps({"second": preset}))
    assert (code, [line["model"] for line in lines]) == (0, ["default", "second"])
    assert model.keys == ["Bearer model-key", "Bearer its own $key"]


def test_a_probe_of_an_unknown_model_is_refused(commands: Commands) -> None:
    code, answer = commands.run("probe", "--model", "none")
    assert (code, answer["error"]["code"]) == (6, "model_not_configured")


@pytest.mark.sqlite
def test_a_data_folder_that_cannot_be_used_is_named(commands: Commands, tmp_path: Path) -> None:
    code, lines = commands.lines("migrate", DATA_DIR=str(tmp_path / "nowhere"))
    assert (code, lines) == (3, [])
