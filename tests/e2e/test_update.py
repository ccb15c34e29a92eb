"""A changed value becomes a new release beside the old one; nobody who uses the service notices."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.e2e import checks, facts
from tests.e2e.load import KeepAliveClients, OpenStreams
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Ran, Scenario

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

STREAMS = 3
WORDS = tuple(f"{number} " for number in range(250))
DELAY = 0.1
"""Seconds between words: an answer takes 25 s, longer than an update, so that its slot must be drained."""
DRAIN = "[health]\ndrain_timeout = 120\n"


@dataclass
class Updated:
    """An environment whose label and key were changed while it was used, and what its users met."""

    scenario: Scenario
    server: ModelServer
    up: Ran
    before: dict[str, tuple[str, str]]
    page: KeepAliveClients
    api: KeepAliveClients
    streams: OpenStreams
    events: list[str]

    def save_artifacts(self, test: str) -> None:
        self.scenario.save_artifacts(test)


@pytest.fixture(scope="module")
def updated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Updated]:
    with (
        ModelServer(words=WORDS, delay=DELAY) as server,
        Scenario(tmp_path_factory.mktemp("update"), label="update") as scenario,
    ):
        values = {"LLM_API_URL": server.url, "LLM_MODEL": "counter", "LLM_API_KEY": "first-key"}
        scenario.profile(DRAIN).env_file(**values).up()
        user = scenario.chat.register("busy")
        before = facts.identities(scenario.project)
        with (
            facts.watched(scenario.project) as events,
            KeepAliveClients(scenario.web_port, "/auth", count=4) as page,
            KeepAliveClients(scenario.api_port, "/health/ready", count=4) as api,
        ):
            streams = OpenStreams(user, STREAMS).start()
            scenario.env_file(**values | {"LLM_LABEL": "Counter", "LLM_API_KEY": "second-key"})
            up = scenario.up()
            streams.finish()
        yield Updated(scenario, server, up, before, page, api, streams, events)


ORDER = re.compile(r"exec_create: timeout \S+ \S+ socat ")
"""What the tool says to the running edge."""


def test_no_request_fails_during_an_update(updated: Updated) -> None:
    requests = updated.page.requests + updated.api.requests
    sys.stdout.write(f"{requests} requests; the update took {updated.up.seconds:.1f} s\n")
    assert requests > 200
    assert (updated.page.failures, updated.api.failures) == ([], [])


def test_open_answers_are_finished_by_the_old_slot(updated: Updated) -> None:
    assert updated.streams.errors == []
    assert [answer.status for answer in updated.streams.answers] == ["complete"] * STREAMS
    assert {answer.text for answer in updated.streams.answers} == {"".join(WORDS)}


def test_the_new_slot_starts_before_the_switch_and_the_old_one_stops_after_it(updated: Updated) -> None:
    orders = [
        index for index, event in enumerate(updated.events) if re.search(r"exec_create: timeout \S+ \S+ socat ", event)
    ]
    assert updated.events.index("start backend-b") < orders[0]
    assert orders[-1] < updated.events.index("die backend-a")
    assert "die edge" not in updated.events


def test_only_what_changed_is_replaced(updated: Updated) -> None:
    project, after = updated.scenario.project, facts.identities(updated.scenario.project)
    assert set(after) == {f"{project}-backend-b", f"{project}-edge", f"{project}-frontend-a"}
    for name in (f"{project}-edge", f"{project}-frontend-a"):
        assert after[name] == updated.before[name]


def test_the_new_values_are_in_use(updated: Updated) -> None:
    user = updated.scenario.chat.log_in("busy")
    assert [item["label"] for item in user.models()] == ["Counter"]
    next(iter(user.stream("Hello")))
    deadline = time.monotonic() + 60
    while updated.server.asked[-1].question != "Hello" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert updated.server.asked[-1].authorization == "Bearer second-key"


def test_a_restarted_edge_stays_with_the_new_slot(updated: Updated) -> None:
    facts.container(updated.scenario.project, "edge").restart(timeout=5)
    deadline = time.monotonic() + 60
    while updated.scenario.chat.status("/health/ready") != 200 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert updated.scenario.chat.call("GET", "/health/ready")["status"]
    checks.runs_exactly_once(updated.scenario, "backend", "edge", "frontend")


def test_a_change_of_the_page_leaves_the_backend_alone(updated: Updated) -> None:
    scenario = updated.scenario
    before = facts.identities(scenario.project)
    scenario.up("--set", "resources.frontend_memory=300m")
    after = facts.identities(scenario.project)
    backend, edge = f"{scenario.project}-backend-b", f"{scenario.project}-edge"
    assert (after[backend], after[edge]) == (before[backend], before[edge])
    assert f"{scenario.project}-frontend-b" in after
