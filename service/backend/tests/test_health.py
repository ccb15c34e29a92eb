from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from backend_process import Backend
from client import PASSWORD, Stream
from conftest import new_user
from llmchat_backend.db.revision import HEAD
from sqlalchemy import text

pytestmark = pytest.mark.slow


def test_a_ready_service_says_so(backend: Backend) -> None:
    answer = backend.client.get("/health/ready")
    assert answer.status == 200
    assert answer.json == {
        "status": "ok",
        "checks": {"database": "ok", "migrations": "ok", "disk": "ok", "secrets": "ok"},
    }
    assert backend.client.get("/api/version").json["release"] == "r1"


def test_a_few_events_come_one_by_one_with_the_headers_of_an_answer(backend: Backend) -> None:
    with Stream(*backend.client.open("GET", "/health/stream")) as stream:
        came = [(event.name, event.data["ms"], time.monotonic()) for event in stream.events()]
        headers = stream.response.headers
    assert [name for name, _, _ in came] == ["probe"] * 5
    assert 550 < came[-1][1] - came[0][1] < 2000
    assert came[-1][2] - came[0][2] > 0.4
    assert headers["Content-Type"].startswith("text/event-stream")
    assert headers["Cache-Control"] == "no-cache, no-transform"
    assert headers["X-Accel-Buffering"] == "no"


def test_only_a_few_such_streams_are_sent_at_once(backend: Backend) -> None:
    streams = []
    try:
        while len(streams) < 100 and (not streams or streams[-1].response.status == 200):
            streams.append(Stream(*backend.client.open("GET", "/health/stream")))
        refused = streams[-1].response
        assert (refused.status, refused.headers["Retry-After"]) == (429, "1")
        assert len(streams) > 8
    finally:
        for stream in streams:
            stream.__exit__()
    deadline = time.monotonic() + 60
    while (status := backend.client.get("/health/stream").status) != 200 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert status == 200  # those who left made room


def test_the_health_command_is_light(backend: Backend) -> None:
    env = {**backend.env(), "PYTHONPROFILEIMPORTTIME": "1"}
    argv = (sys.executable, "-m", "llmchat_backend", "health")
    done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=True)
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "llmchat_backend" in loaded
    assert not loaded & {"alembic", "fastapi", "httpx", "pydantic", "sqlalchemy", "starlette"}


def test_the_health_command_says_why_not(make_backend: Callable[..., Backend]) -> None:
    ended = make_backend(migrated=False).command("health")
    assert ended.returncode == 1
    assert ended.stdout == "no answer: No such file or directory\n"


def test_an_unmigrated_database_is_not_ready_until_it_is_migrated(
    make_backend: Callable[..., Backend],
) -> None:
    backend = make_backend(migrated=False).start()
    answer = backend.client.get("/health/ready")
    assert answer.status == 503
    assert answer.json["checks"]["migrations"].endswith("run `migrate`")
    ended = backend.command("health")
    assert ended.returncode == 1
    assert "run `migrate`" in ended.stdout
    assert "the database is not migrated" in backend.log
    refused = backend.client.post("/api/auth/register", {"username": "ann", "password": "long enough"})
    assert (refused.status, refused.json["code"]) == (503, "database_not_migrated")
    backend.command("migrate")
    assert backend.client.get("/health/ready").status == 200


def test_migrating_twice_changes_nothing(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend(migrated=False)
    assert json.loads(backend.command("migrate").stdout) == {"from": None, "to": HEAD, "head": HEAD}
    assert json.loads(backend.command("migrate").stdout) == {"from": HEAD, "to": HEAD, "head": HEAD}


def migrate_by_a_newer_release(backend: Backend, offline: str = "") -> None:
    """Do what a later release's migrations may: add what this one doesn't know, or (offline) take something away."""
    offline_statements = (
        "CREATE TABLE offline_revisions (revision VARCHAR(32) PRIMARY KEY)",
        f"INSERT INTO offline_revisions VALUES ('{offline}')",  # noqa: S608 - the test's own
    )
    for statement in (
        "ALTER TABLE conversations ADD COLUMN color VARCHAR(20) NOT NULL DEFAULT 'red'",
        "CREATE TABLE folders (id INTEGER PRIMARY KEY)",
        *(offline_statements if offline else ()),
        "UPDATE alembic_version SET version_num = '9999'",
    ):
        backend.write(text(statement))


def test_a_running_service_goes_on_while_a_newer_release_migrates(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend().start()
    user = new_user(backend, "ann")
    migrate_by_a_newer_release(backend)
    assert backend.client.get("/health/ready").status == 200
    assert backend.command("health").returncode == 0
    made = user.new_conversation()
    assert [item["id"] for item in user.get("/api/conversations").json["items"]] == [made]


def test_a_service_that_starts_on_a_newer_release_s_schema_serves_and_leaves_it_alone(
    make_backend: Callable[..., Backend],
) -> None:
    backend = make_backend()
    migrate_by_a_newer_release(backend)
    told = json.loads(backend.command("migrate").stdout)
    assert (told["from"], told["to"]) == ("9999", "9999")
    backend.start()
    assert backend.client.get("/health/ready").status == 200
    assert new_user(backend, "ann").new_conversation()
    assert "migrated by a newer release" in backend.log


def test_a_service_never_serves_on_a_schema_that_took_away_what_it_uses(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend()
    migrate_by_a_newer_release(backend, offline="9998")
    refused = backend.command("migrate")
    assert refused.returncode == 6
    assert json.loads(refused.stdout)["error"]["code"] == "schema_beyond"
    answer = backend.start().client.get("/health/ready")
    assert answer.status == 503
    assert answer.json["checks"]["migrations"] == (
        f"the database is at revision 9999, which this release can't use: it knows {HEAD}"
    )
    assert backend.client.post("/api/auth/register", {"username": "ann", "password": PASSWORD}).status == 503


def test_a_running_service_is_not_ready_any_more_once_the_schema_took_away_what_it_uses(
    make_backend: Callable[..., Backend],
) -> None:
    backend = make_backend().start()
    assert new_user(backend, "ann").new_conversation()
    migrate_by_a_newer_release(backend, offline="9998")
    assert backend.client.get("/health/ready").status == 503


def test_a_short_secret_key_is_refused_without_being_shown(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend()
    backend.write_secret("SECRET_KEY", "thirty-one-bytes-are-not-enough")
    ended = backend.command("serve")
    assert ended.returncode == 3
    assert "SECRET_KEY needs at least 32 bytes" in ended.stderr
    assert "thirty-one" not in ended.stderr


def test_wrong_settings_are_named_all_at_once(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend(REGISTRATION="perhaps", LLM_IDLE_TIMEOUT_SECONDS="-1", migrated=False)
    ended = backend.command("serve")
    assert ended.returncode == 3
    assert "REGISTRATION" in ended.stderr
    assert "LLM_IDLE_TIMEOUT_SECONDS" in ended.stderr


@pytest.mark.parametrize(
    "url", ["postgresql://chat:hunter2@db/chat", "postgresql://db/chat?password=a@b", "mysql://db/chat"]
)
def test_a_database_url_holds_no_password_and_is_not_repeated(make_backend: Callable[..., Backend], url: str) -> None:
    ended = make_backend(DATABASE_URL=url, migrated=False).command("migrate")
    assert ended.returncode == 3
    assert "DATABASE_URL" in ended.stderr
    assert url not in ended.stderr + ended.stdout


def test_a_stale_socket_file_of_a_killed_process_is_replaced(make_backend: Callable[..., Backend]) -> None:
    backend = make_backend()
    backend.socket_path.write_text("stale")
    backend.start()
    assert backend.socket_path.stat().st_mode & 0o777 == 0o660
    assert backend.end() == 0
    assert not backend.socket_path.exists()


def test_a_socket_of_a_successor_is_left_alone(make_backend: Callable[..., Backend], tmp_path: Path) -> None:
    first = make_backend().start()
    inode = first.socket_path.stat().st_ino
    second = make_backend().start()
    while second.socket_path.stat().st_ino == inode:
        time.sleep(0.02)
    assert first.end() == 0
    assert second.client.get("/health/ready").status == 200


def test_the_documentation_asks_nobody_else(backend: Backend) -> None:
    page = backend.client.get("/docs")
    assert page.status == 200
    assert b"http://" not in page.body
    assert b"https://" not in page.body
    assert backend.client.get("/api/docs-assets/swagger-ui-bundle.js").status == 200
    assert "/api/auth/login" in backend.client.get("/openapi.json").json["paths"]


def test_the_log_is_json_and_tells_no_secrets(backend: Backend) -> None:
    lines = [json.loads(line) for line in backend.log.splitlines()]
    assert lines
    for secret in ("only-for-tests", "model-key", "correct horse", "Say hello", "eyJ"):
        assert secret not in backend.log
