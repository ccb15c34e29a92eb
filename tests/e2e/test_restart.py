"""A restart puts new containers in the place of those that serve; nobody who uses the service notices."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.e2e import checks, facts
from tests.e2e.load import KeepAliveClients, OpenStreams
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Ran, Scenario
from tests.faults.cut import kill_in_step

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

STREAMS = 3
WORDS = tuple(f"{number} " for number in range(170))
DELAY = 0.1
"""Seconds between words: an answer takes 17 s, longer than a restart, so that its slot must be drained."""
KILLED_AFTER = 1
"""Steps of the restart that is killed: the new container is there, nothing is proved yet."""


@dataclass
class Restarted:
    """An environment that was restarted while it was used, and once more by a run that was killed on the way."""

    scenario: Scenario
    restart: Ran
    edge_before: tuple[str, str]
    after: dict[str, tuple[str, str]]
    page: KeepAliveClients
    api: KeepAliveClients
    streams: OpenStreams
    events: list[str]
    left_by_kill: list[str]
    again: Ran

    def save_artifacts(self, test: str) -> None:
        self.scenario.save_artifacts(test)


@pytest.fixture(scope="module")
def restarted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restarted]:
    with (
        ModelServer(words=WORDS, delay=DELAY) as server,
        Scenario(tmp_path_factory.mktemp("restart"), label="restart") as scenario,
    ):
        values = {"LLM_API_URL": server.url, "LLM_MODEL": "counter", "LLM_API_KEY": "a-key"}
        scenario.profile().env_file(**values).up()
        project, user = scenario.project, scenario.chat.register("busy")
        edge = facts.identities(project)[f"{project}-edge"]
        with (
            facts.watched(project) as events,
            KeepAliveClients(scenario.web_port, "/auth", count=4) as page,
            KeepAliveClients(scenario.api_port, "/health/ready", count=4) as api,
        ):
            streams = OpenStreams(user, STREAMS).start()
            restart = scenario.run("restart", "--json").check()
            streams.finish()
            after = facts.identities(project)
            kill_in_step(scenario, KILLED_AFTER, "restart", "backend", after=0.2)
            left = facts.services(project)
            again = scenario.run("restart", "backend", "--json").check()
        yield Restarted(scenario, restart, edge, after, page, api, streams, list(events), left, again)


def test_no_request_fails_during_a_restart(restarted: Restarted) -> None:
    requests = restarted.page.requests + restarted.api.requests
    sys.stdout.write(f"{requests} requests; the restart took {restarted.restart.seconds:.1f} s with its drain\n")
    assert requests > 200
    assert (restarted.page.failures, restarted.api.failures) == ([], [])


def test_open_answers_are_finished_by_the_old_container(restarted: Restarted) -> None:
    assert restarted.streams.errors == []
    assert [answer.status for answer in restarted.streams.answers] == ["complete"] * STREAMS
    assert {answer.text for answer in restarted.streams.answers} == {"".join(WORDS)}


def test_the_other_slots_serve_and_the_old_containers_are_gone(restarted: Restarted) -> None:
    project = restarted.scenario.project
    assert set(restarted.after) == {f"{project}-backend-b", f"{project}-edge", f"{project}-frontend-b"}
    data = restarted.restart.data
    assert data["slots"] == {"backend": "b", "frontend": "b"}
    assert data["services"] == [f"{project}-backend-b", f"{project}-frontend-b"]
    assert (data["draining"], restarted.restart.json["warnings"]) == ([], [])


def test_the_edge_has_a_new_worker_in_the_same_container(restarted: Restarted) -> None:
    assert restarted.restart.data["reloaded"] is True
    assert restarted.after[f"{restarted.scenario.project}-edge"] == restarted.edge_before
    assert "die edge" not in restarted.events


def test_the_old_container_stops_after_the_switch(restarted: Restarted) -> None:
    told = [index for index, event in enumerate(restarted.events) if re.search(r"exec_create: .*socat ", event)]
    ended = restarted.events.index("die backend-a")
    assert restarted.events.index("start backend-b") < told[0] < ended


def test_a_restart_that_was_killed_is_made_good_by_the_next(restarted: Restarted) -> None:
    assert restarted.left_by_kill == ["backend", "backend", "edge", "frontend"]
    assert restarted.again.data["slots"] == {"backend": "a"}
    checks.runs_exactly_once(restarted.scenario, "backend", "edge", "frontend")
