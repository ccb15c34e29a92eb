# ruff: noqa: T201  # what a long test tells while it runs
"""The README's first command, on a machine that has nothing but git."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.machine.machine import Machine, Result

REPOSITORY = Path(__file__).parents[2]
ARTIFACTS = REPOSITORY / "tests/artifacts"
FOLDER = "/root/llmchat-deploy"
CHAT = Path(__file__).with_name("chat.py").read_bytes()
UP = ("./llmchat-deploy", "up", "--env", "development")


@pytest.mark.docker
@pytest.mark.machine
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("suite", ["trixie", pytest.param("bookworm", marks=pytest.mark.full)])
def test_one_command_on_a_bare_debian_ends_with_a_streamed_answer(suite: str) -> None:
    with Machine(suite, source=REPOSITORY) as machine:
        machine.run(("git", "clone", "--quiet", "/source", FOLDER)).check()
        first = machine.run(UP, folder=FOLDER, show=True).check()
        chat(machine, "first")

        again = machine.run(UP, folder=FOLDER, show=True).check()
        machine.run(("./llmchat-deploy", "down", "--env", "development", "--yes"), folder=FOLDER, show=True).check()
        containers_only = machine.run(UP, folder=FOLDER, show=True).check()
        chat(machine, "second")

    record(suite, first=first, again=again, containers_only=containers_only)
    assert "Password" in first.output
    assert "  See how it does: ./llmchat-deploy status --env development" in first.output
    assert "Nothing to do" in again.output
    assert "Traceback" not in first.output + again.output + containers_only.output


def chat(machine: Machine, username: str) -> None:
    status = machine.run(("./llmchat-deploy", "status", "--env", "development", "--json"), folder=FOLDER).check()
    page = json.loads(status.output)["data"]["urls"]["web"]
    command = (".venv/bin/python", "-", page, username)
    result = machine.run(command, folder=FOLDER, stdin=CHAT).check()
    answer = json.loads(result.output)
    print(f"[{machine.suite}] {answer}")
    assert answer["chunks"] > 1
    assert answer["status"] == "complete"


def record(suite: str, **results: Result) -> None:
    """Keep what was said and how long it took, for tests/bench/record.py; no test fails for its time."""
    seconds = {name: round(result.seconds, 1) for name, result in results.items()}
    ARTIFACTS.mkdir(exist_ok=True)
    for name, result in results.items():
        (ARTIFACTS / f"fresh-machine-{suite}-{name}.log").write_text(result.output)
    (ARTIFACTS / f"fresh-machine-{suite}.json").write_text(json.dumps(seconds, indent=2) + "\n")
    print(f"[{suite}] seconds: {seconds}")
