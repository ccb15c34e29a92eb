"""The JSON document is a contract: its keys are pinned here, for success and failure alike."""

from __future__ import annotations

import pytest

from tests.cli.conftest import FakeWorld, Run

KEYS = ["version", "command", "status", "exit_code", "data", "warnings", "errors"]
READING = [
    ("plan",),
    ("status",),
    ("health",),
    ("logs",),
    ("config", "show"),
    ("config", "validate"),
    ("admin", "list"),
]
CHANGING = [
    ("up",),
    ("restart",),
    ("restart", "backend"),
    ("admin", "create", "--username", "li"),
    ("admin", "reset-password", "--username", "admin"),
    ("down",),
    ("down", "--volumes", "--confirm", "production"),
]


@pytest.mark.parametrize("command", READING + CHANGING, ids=" ".join)
def test_success(deployed: Run, command: tuple[str, ...]) -> None:
    ran = deployed(*command, "--json")
    document = ran.document
    assert list(document) == KEYS
    assert document["version"] == 1
    words = [word for word in command if word in {*"config admin show validate list create".split()}]
    assert document["command"] == (" ".join(words) or command[0]) or "reset-password" in document["command"]
    assert document["status"] == "success"
    assert document["exit_code"] == ran.code == 0
    assert isinstance(document["data"], dict)
    assert document["errors"] == []


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_failure(run: Run, world: FakeWorld, command: tuple[str, ...]) -> None:
    (world.folder / ".env.production").write_text("SERVER_IP=1.2.3.4\n")
    document = run(*command, "--json").document
    assert list(document) == KEYS
    assert document["status"] == "error"
    assert document["data"] is None
    assert set(document["errors"][0]) == {"code", "message", "hint", "details", "problems"}


def test_changes_found_have_a_status_of_their_own(run: Run) -> None:
    document = run("plan", "--exit-code", "--json").document
    assert (document["status"], document["exit_code"]) == ("changes", 10)


def test_a_plan_in_json(run: Run) -> None:
    data = run("plan", "--json").document["data"]
    assert set(data) >= {"environment", "project", "steps", "notes", "warnings", "losses"}
    assert set(data["steps"][0]) == {"action", "sign", "title", "cause"}


def test_a_bad_result_has_both_data_and_exit_code(run: Run) -> None:
    ran = run("health", "--json")
    assert ran.code == ran.document["exit_code"] == 9
    assert ran.document["status"] == "error"
    assert ran.document["data"]["ok"] is False
