"""`up` is killed, as by a power cut, in the middle of a step; running it again finishes what was begun."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import checks, facts
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Scenario
from tests.faults.cut import ENDED, index_of, kill_in_step, planned

pytestmark = [pytest.mark.docker, pytest.mark.timeout(3000)]

SERVICES = ("backend", "edge", "frontend")
PASSWORD = re.compile(r"^ *Password +(\S+)$", re.MULTILINE)

FIRST_DEPLOY = ("migrate the database", "send requests to")
UPDATE = ("ask the model", "send requests to")
"""What the default run cuts: the data half made, and nobody knows which slot serves. The sweep cuts every step."""


def is_finished_by(scenario: Scenario) -> str:
    """Run `up` again, look at what is there then, and return what it printed."""
    printed = scenario.up().stdout
    checks.runs_exactly_once(scenario, *SERVICES)
    assert len(facts.volumes(scenario.project)) == 4
    assert facts.networks(scenario.project) == {scenario.project}
    answer = scenario.chat.register(f"user-{time.monotonic_ns()}").ask("Still there?")
    checks.is_streamed(answer)
    return printed


def first_deploy(folder: Path, server: ModelServer) -> Scenario:
    values = {"LLM_API_URL": server.url, "LLM_MODEL": "test", "LLM_API_KEY": "key-of-the-test"}
    return Scenario(folder, label="killed").profile("[health]\ndrain_timeout = 5\n").env_file(**values)


def cut_first_deploy(scenario: Scenario, index: int, *, after: float) -> None:
    kill_in_step(scenario, index, "up", "--yes", after=after)
    password = PASSWORD.search(is_finished_by(scenario))
    # The killed run never showed one: without it nobody could log in as the administrator.
    assert password
    assert scenario.chat.log_in("admin", password[1]).token


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, model_server: ModelServer) -> Iterator[Scenario]:
    with first_deploy(tmp_path_factory.mktemp("killed"), model_server) as scenario:
        scenario.up()
        yield scenario


def change(scenario: Scenario, server: ModelServer) -> None:
    """Write another label and key: the next `up` replaces the backend."""
    label = f"Model {time.monotonic_ns()}"
    scenario.env_file(
        SECRET_KEY="7c1f" * 16,
        LLM_API_URL=server.url,
        LLM_MODEL="test",
        LLM_LABEL=label,
        LLM_API_KEY=f"key of {label}",
    )


def cut_update(scenario: Scenario, index: int, *, after: float) -> None:
    kill_in_step(scenario, index, "up", "--yes", after=after)
    assert scenario.chat.status("/health/ready") == 200, "the service was down after the kill"
    is_finished_by(scenario)


@pytest.mark.parametrize("step", FIRST_DEPLOY)
def test_a_first_deploy_killed_in_a_step_is_finished_by_the_next(
    tmp_path: Path, model_server: ModelServer, step: str
) -> None:
    with first_deploy(tmp_path, model_server) as scenario:
        index = index_of(planned(scenario, "plan"), step)
        try:
            cut_first_deploy(scenario, index, after=0.2)
        except AssertionError:
            scenario.save_artifacts(f"killed in {step}")
            raise


@pytest.mark.parametrize("step", UPDATE)
def test_an_update_killed_in_a_step_is_finished_by_the_next(
    running: Scenario, model_server: ModelServer, step: str
) -> None:
    change(running, model_server)
    index = index_of(planned(running, "plan"), step)
    cut_update(running, index, after=0.2)


@pytest.mark.full
@pytest.mark.parametrize("after", [0.0, 0.4])
def test_a_first_deploy_killed_in_any_step_is_finished_by_the_next(
    tmp_path: Path, model_server: ModelServer, after: float
) -> None:
    with first_deploy(tmp_path, model_server) as scenario:
        last = len(planned(scenario, "plan")) - 1  # with the record written there may be nothing left to finish
    for index in range(last):
        with first_deploy(tmp_path, model_server) as scenario:
            cut_first_deploy(scenario, index, after=after)


@pytest.mark.full
@pytest.mark.parametrize("after", [0.0, 0.4])
def test_an_update_killed_in_any_step_is_finished_by_the_next(
    running: Scenario, model_server: ModelServer, after: float
) -> None:
    index = 0
    while True:
        change(running, model_server)
        if index >= len(planned(running, "plan")):
            break
        cut_update(running, index, after=after)
        index += 1
    assert index > 8


def test_a_password_that_nobody_could_read_is_made_again(tmp_path: Path, model_server: ModelServer) -> None:
    with first_deploy(tmp_path, model_server) as scenario:
        process = scenario.start("up", "--yes")
        assert process.stderr is not None
        assert process.stdout is not None
        for line in process.stderr:
            if ENDED.match(line) and not process.stdout.closed:
                process.stdout.close()  # who reads goes away: the run dies where it shows what it recorded before
        process.wait()
        process.stderr.close()
        assert any(scenario.state.rglob("current.json"))

        password = PASSWORD.search(is_finished_by(scenario))
        assert password
        assert scenario.chat.log_in("admin", password[1]).token
        assert "Nothing to do" in scenario.up().stdout
