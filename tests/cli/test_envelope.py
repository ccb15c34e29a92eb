"""The JSON document is a contract: its keys are pinned here, for success and failure alike."""

from __future__ import annotations

import pytest

from tests.cli.conftest import FakeWorld, Run

KEYS = ["version", "command", "status", "exit_code", "data", "warnings", "errors"]
READING = ["plan", "status", "health", "logs", "config show", "config validate", "admin list"]
CHANGING = {
    "up": "up",
    "restart backend": "restart",
    "admin create --username li": "admin create",
    "admin reset-password --username admin": "admin reset-password",
    "down": "down",
    "down --volumes --confirm production": "down",
}


@pytest.mark.parametrize(("line", "command"), {**dict(zip(READING, READING, strict=True)), **CHANGING}.items())
def test_success(deployed: Run, line: str, command: str) -> None:
    ran = deployed(*line.split(), "--json")
    document = ran.document
    assert list(document) == KEYS
    assert document["version"] == 1
    assert document["command"] == command
    assert document["status"] == "success"
    assert document["exit_code"] == ran.code == 0
    assert isinstance(document["data"], dict)
    assert document["errors"] == []


@pytest.mark.parametrize("line", [line for line in READING if line not in {"status", "logs"}])
def test_failure(run: Run, world: FakeWorld, line: str) -> None:
    (world.folder / ".env.production").write_text("SERVER_IP=1.2.3.4\n")
    document = run(*line.split(), "--json").document
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
