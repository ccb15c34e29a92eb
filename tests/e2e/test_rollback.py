"""An earlier release runs again, with its data where an update has changed the schema; a failing one harms nobody."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import checks, facts
from tests.e2e.life import Life
from tests.e2e.load import KeepAliveClients
from tests.e2e.migrations import add_migration
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Scenario

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

STEP_FAILED, REFUSED = 8, 6
SERVICES = ("backend", "edge", "frontend")


@dataclass
class Used:
    """An environment with its own sources, and a user who was there from the first release on."""

    scenario: Scenario
    life: Life
    sources: Path
    values: dict[str, str]

    def save_artifacts(self, test: str) -> None:
        self.scenario.save_artifacts(test)

    @property
    def release(self) -> str:
        return str(self.runs[0]["release"])

    @property
    def runs(self) -> list[dict[str, Any]]:
        runs: list[dict[str, Any]] = self.scenario.run("releases", "--json").check().data["runs"]
        return runs


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory, model_server: ModelServer) -> Iterator[Used]:
    with Scenario(tmp_path_factory.mktemp("rollback"), label="back") as scenario:
        values = {"LLM_API_URL": model_server.url, "LLM_MODEL": "test", "LLM_API_KEY": "key", "LLM_LABEL": "First"}
        scenario.profile("[health]\ndrain_timeout = 5\n").env_file(**values)
        sources = scenario.own_sources()
        scenario.up()
        yield Used(scenario, Life.begin(scenario.chat, "wang"), sources, values)


def labels(used: Used) -> list[str]:
    return [item["label"] for item in used.life.chat.models()]


def nothing_is_left_over(used: Used) -> None:
    assert facts.services(used.scenario.project) == list(SERVICES)
    assert len([name for name in facts.volumes(used.scenario.project) if "_keys-" in name]) == 1


def test_the_release_before_runs_again_and_no_request_fails(used: Used) -> None:
    first = used.release
    used.scenario.env_file(**used.values | {"LLM_LABEL": "Second"}).up()
    assert labels(used) == ["Second"]
    used.life.goes_on("Between the releases?")
    seen = used.life.seen()

    with KeepAliveClients(used.scenario.api_port, "/health/ready", count=4) as api:
        back = used.scenario.run("rollback", "--yes").check()

    sys.stdout.write(f"rollback: {back.seconds:.1f} s; {api.requests} requests meanwhile\n")
    assert (api.failures, used.release) == ([], first)
    assert labels(used) == ["First"]
    used.life.is_there(seen)
    nothing_is_left_over(used)
    assert used.runs[0]["command"] == f"rollback {first}"
    assert used.scenario.run("rollback", first, "--json").check().data["changed"] is False


def test_a_change_of_the_schema_is_backed_up_and_its_rollback_brings_the_data_back(used: Used) -> None:
    then = used.life.seen()
    add_migration(used.sources)
    used.scenario.up()
    moved = used.runs[0]
    assert moved["schema_before"] < moved["schema_after"]
    assert moved["backup"]
    used.life.is_there(then)
    used.life.goes_on("After the change?")
    later = used.life.seen()

    refused = used.scenario.run("rollback", "--yes").check(REFUSED)
    assert f"--confirm {used.scenario.name}" in refused.stderr
    back = used.scenario.run("rollback", "--confirm", used.scenario.name, "--json").check()

    sys.stdout.write(f"rollback with data: {back.seconds:.1f} s\n")
    assert back.data["snapshot"] == moved["backup"]
    used.life.is_there(then)
    nothing_is_left_over(used)
    used.scenario.up()  # forward again, on the data that went back
    used.life.is_there(then)
    used.scenario.run("restore", "--undo", "--yes").check()
    used.life.is_there(later)


def test_a_migration_that_fails_harms_nobody_and_leaves_its_last_lines(used: Used) -> None:
    seen, before = used.life.seen(), facts.identities(used.scenario.project)
    broken = add_migration(used.sources, last='raise RuntimeError("this migration is broken on purpose")')

    failed = used.scenario.up(exit_code=STEP_FAILED)

    assert "this migration is broken on purpose" in failed.stderr
    assert facts.identities(used.scenario.project) == before
    used.life.is_there(seen)
    run = used.runs[0]
    assert (run["result"], run["exit_code"], run["code"]) == ("failed", STEP_FAILED, "step_failed")
    assert run["backup"]
    broken.write_text(broken.read_text().replace('raise RuntimeError("this migration is broken on purpose")', ""))
    used.scenario.up()
    used.life.is_there(seen)
    checks.runs_exactly_once(used.scenario, *SERVICES)


def test_two_operators_at_once_one_wins_and_the_other_is_told_who(used: Used) -> None:
    used.scenario.env_file(**used.values | {"LLM_LABEL": "Third"})
    first = used.scenario.start("up", "--yes")
    lock = used.scenario.state / used.scenario.project / "lock"
    while first.poll() is None and not lock.read_text():
        time.sleep(0.02)
    first.send_signal(signal.SIGSTOP)  # a slow one
    second = used.scenario.run("up", "--yes")
    status = used.scenario.run("lock", "status", "--json").check().data
    first.send_signal(signal.SIGCONT)
    first.communicate(timeout=300)
    assert first.returncode == 0

    assert (second.exit_code, status["state"], status["alive"]) == (7, "held", True)
    assert f"(process {first.pid})" in second.stderr
    assert status["holder"]["pid"] == first.pid
    assert labels(used) == ["Third"]
    assert used.scenario.run("lock", "status", "--json").check().data["state"] == "free"
