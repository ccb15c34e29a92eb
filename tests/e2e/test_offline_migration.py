"""A change of the database that nothing may serve beside is made behind a maintenance page; failing, it is none."""

from __future__ import annotations

import http.client
import json
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Self

import pytest

from tests.e2e import checks, facts
from tests.e2e.life import Life
from tests.e2e.migrations import add_migration
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import UP_TIMEOUT, Ran, Scenario

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

STEP_FAILED, REFUSED, UNHEALTHY = 8, 6, 9
SECONDS = 3
BROKEN = 'raise RuntimeError("this migration is broken on purpose")'
SLOWLY = f'__import__("time").sleep({SECONDS})\n    '


@dataclass
class Used:
    """An environment with its own sources, and a user who was there before."""

    scenario: Scenario
    life: Life
    sources: Path

    def save_artifacts(self, test: str) -> None:
        self.scenario.save_artifacts(test)


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory, model_server: ModelServer) -> Iterator[Used]:
    with Scenario(tmp_path_factory.mktemp("offline"), label="off") as scenario:
        values = {"LLM_API_URL": model_server.url, "LLM_MODEL": "test", "LLM_API_KEY": "key"}
        scenario.profile("[health]\ndrain_timeout = 5\nstop_timeout = 5\n").env_file(**values)
        sources = scenario.own_sources()
        scenario.up()
        yield Used(scenario, Life.begin(scenario.chat, "wang"), sources)


@dataclass
class Visitors:
    """Somebody who opens the page and a program that asks the API, again and again; every answer is noted."""

    scenario: Scenario
    seen: list[tuple[str, float, int, dict[str, str], str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._done = threading.Event()
        ports = {"page": (self.scenario.web_port, "/auth"), "api": (self.scenario.api_port, "/api/version")}
        ports["api beside the page"] = (self.scenario.web_port, "/api/version")
        self._threads = [threading.Thread(target=self._visit, args=(who, *at)) for who, at in ports.items()]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _visit(self, who: str, port: int, path: str) -> None:
        while not self._done.wait(0.05):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            try:
                connection.request("GET", path, headers={"Accept-Encoding": "identity"})
                answer = connection.getresponse()
                headers = {name.lower(): value for name, value in answer.getheaders()}
                self.seen.append((who, monotonic(), answer.status, headers, answer.read().decode()))
            except (OSError, http.client.HTTPException) as error:
                self.errors.append(f"{who}: {type(error).__name__}: {error}")
            finally:
                connection.close()

    def wait_for_the_page(self) -> None:
        until = monotonic() + 300
        while not self.turned_away("page"):
            assert monotonic() < until, "no page was shown"
            sleep(0.05)

    def turned_away(self, who: str) -> list[tuple[float, dict[str, str], str]]:
        """Return when, with which headers and what somebody was told who wasn't served."""
        return [(at, headers, text) for name, at, status, headers, text in self.seen if name == who and status == 503]

    @property
    def statuses(self) -> set[int]:
        return {status for _, _, status, _, _ in self.seen}


def pages_were_shown(visitors: Visitors) -> None:
    for who in ("page", "api", "api beside the page"):
        times = [at for at, _, _ in visitors.turned_away(who)]
        assert times, who
        assert times[-1] - times[0] >= SECONDS - 1, who
    for _, headers, text in visitors.turned_away("page"):
        assert headers["content-type"] == "text/html; charset=utf-8"
        assert int(headers["retry-after"]) > 0
        assert "系统正在更新" in text
        assert "The service is being updated" in text
    for who in ("api", "api beside the page"):
        for _, headers, text in visitors.turned_away(who):
            assert (headers["content-type"], json.loads(text)["code"]) == ("application/json", "maintenance")
            assert int(headers["retry-after"]) > 0
    assert (visitors.statuses, visitors.errors) == ({200, 503}, [])


def look_behind_the_page(used: Used, visitors: Visitors) -> tuple[Ran, Ran]:
    """Return what ``status`` and ``health`` say, asked at once as soon as somebody is turned away."""
    visitors.wait_for_the_page()
    with ThreadPoolExecutor() as pool:
        status = pool.submit(used.scenario.run, "status", "--json")
        health = pool.submit(used.scenario.run, "health", "--json")
    return status.result().check(), health.result().check(UNHEALTHY)


def runs(used: Used) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = used.scenario.run("releases", "--json").check().data["runs"]
    return found


def test_failing_it_leaves_the_release_before_serving(used: Used) -> None:
    seen, before = used.life.seen(), set(facts.identities(used.scenario.project))
    add_migration(used.sources, last=SLOWLY + BROKEN, offline=SECONDS)

    with Visitors(used.scenario) as visitors:
        failed = used.scenario.up(exit_code=STEP_FAILED)

    assert "this migration is broken on purpose" in failed.stderr
    assert "the release before serves again" in failed.stderr
    pages_were_shown(visitors)
    assert set(facts.identities(used.scenario.project)) == before
    used.life.is_there(seen)
    used.life.goes_on("Still there?")
    run = runs(used)[0]
    assert (run["result"], run["exit_code"]) == ("failed", STEP_FAILED)
    assert run["backup"]


def test_it_is_announced_made_behind_the_page_and_all_is_there_afterwards(used: Used) -> None:
    seen = used.life.seen()
    (broken,) = used.sources.glob("backend/llmchat_backend/db/migrations/versions/*_of_a_test.py")
    broken.write_text(broken.read_text().replace(BROKEN, ""))
    planned = used.scenario.run("up", "--plan", "--json").check().data
    assert planned["expected_downtime_seconds"] > SECONDS
    assert "maintenance page" in planned["notes"][-1]

    with Visitors(used.scenario) as visitors, ThreadPoolExecutor() as pool:
        looked = pool.submit(look_behind_the_page, used, visitors)
        used.scenario.up()

    status, health = looked.result()
    page, first = status.data["maintenance"], health.data["checks"][0]
    assert (page["holder"]["reason"], status.data["state"]) == ("up", "partial")
    assert 0 <= (datetime.now(UTC) - datetime.fromisoformat(page["since"])).total_seconds() < UP_TIMEOUT
    assert page["hint"].endswith(f"llmchat-deploy up --env {used.scenario.name}")
    assert (first["name"], first["level"]) == ("maintenance", "failed")
    assert page["since"] in first["detail"]
    assert used.scenario.run("status", "--json").check().data["maintenance"] is None
    pages_were_shown(visitors)
    times = [at for at, _, _ in visitors.turned_away("page")]
    downtime = times[-1] - times[0]
    sys.stdout.write(f"page for {downtime:.1f} s; announced {planned['expected_downtime_seconds']:.0f} s\n")
    assert downtime < 3 * planned["expected_downtime_seconds"]  # on a machine that has other work, too
    used.life.is_there(seen)
    used.life.goes_on("After it?")
    checks.runs_exactly_once(used.scenario, "backend", "edge", "frontend")
    assert used.scenario.run("up", "--plan", "--json").check().data["steps"] == []


def test_the_release_before_is_refused_with_the_changed_data_and_comes_back_with_its_own(used: Used) -> None:
    refused = used.scenario.run("rollback", "--keep-data", "--yes").check(REFUSED)
    assert "took away what this one uses" in refused.stderr
    used.life.goes_on("Undisturbed?")

    used.scenario.run("rollback", "--confirm", used.scenario.name).check()

    used.life.goes_on("Back?")
    assert facts.services(used.scenario.project) == ["backend", "edge", "frontend"]


def test_a_command_that_died_behind_the_page_is_told_and_the_next_up_ends_it(used: Used) -> None:
    seen = used.life.seen()
    process = used.scenario.start("up", "--yes")
    with Visitors(used.scenario) as visitors:
        visitors.wait_for_the_page()
        process.kill()
        process.communicate()
        page = used.scenario.run("status", "--json").check().data["maintenance"]
        health = used.scenario.run("health", "--json").check(UNHEALTHY)
    assert (page["holder"], page["hint"]) == (None, f"llmchat-deploy up --env {used.scenario.name}")
    assert page["since"]
    assert health.data["checks"][0]["hint"] == page["hint"]

    used.scenario.up()

    assert used.scenario.run("status", "--json").check().data["maintenance"] is None
    used.life.is_there(seen)
    used.life.goes_on("After it died?")
