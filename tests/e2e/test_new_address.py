"""A new address, while people use the service: nothing fails, nothing is built, and it can be taken back."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.e2e import checks, facts
from tests.e2e.chat import connect
from tests.e2e.load import KeepAliveClients, OpenStreams
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Ran, Scenario

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

OLD, NEW = "111.19.168.151", "127.0.0.1"
STREAMS = 3
WORDS = tuple(f"{number} " for number in range(80))
COMMENT = "# 服务器地址 111.19.168.151\n"


@dataclass
class Moved:
    """An environment that moved while it was used, and what its users met."""

    scenario: Scenario
    before: dict[str, tuple[str, str]]
    moved: Ran
    page: KeepAliveClients
    api: KeepAliveClients
    streams: OpenStreams
    events: list[str]

    def save_artifacts(self, test: str) -> None:
        self.scenario.save_artifacts(test)


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moved]:
    with (
        ModelServer(words=WORDS, delay=0.1) as server,
        Scenario(tmp_path_factory.mktemp("address"), label="address") as scenario,
    ):
        scenario.profile("[health]\ndrain_timeout = 60\n").env_text(
            f"{COMMENT}SERVER_IP={OLD}\nNEXT_PUBLIC_API_URL=http://{OLD}:{scenario.api_port}\n"
            f"LLM_API_URL={server.url}\nLLM_MODEL=counter\nLLM_API_KEY=a-key\n"
        ).up()
        user = scenario.chat.register("moving")
        before = facts.identities(scenario.project)
        with (
            facts.watched(scenario.project) as events,
            KeepAliveClients(scenario.web_port, "/auth", count=4) as page,
            KeepAliveClients(scenario.api_port, "/health/ready", count=4) as api,
        ):
            streams = OpenStreams(user, STREAMS).start()
            ran = scenario.run("migrate-ip", NEW, "--yes")
            streams.finish()
        yield Moved(scenario, before, ran, page, api, streams, events)


def test_nobody_notices(moved: Moved) -> None:
    moved.moved.check()
    requests = moved.page.requests + moved.api.requests
    sys.stdout.write(f"{requests} requests; the move took {moved.moved.seconds:.1f} s\n")
    assert requests > 200
    assert (moved.page.failures, moved.api.failures, moved.streams.errors) == ([], [], [])
    assert [answer.status for answer in moved.streams.answers] == ["complete"] * STREAMS


def test_nothing_is_replaced_or_started_anew(moved: Moved) -> None:
    assert facts.identities(moved.scenario.project) == moved.before
    assert not [event for event in moved.events if event.startswith(("die", "start"))], moved.events


def allowed(scenario: Scenario, origin: str) -> str | None:
    """Return whom the API lets read its answers, asked by a page of that origin, which tries to help itself, too."""
    connection = connect(scenario.api_port, 10.0, None)
    connection.request("GET", "/health/ready", headers={"Origin": origin, "X-LLMChat-Origins": "http://evil.test"})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.getheader("Access-Control-Allow-Origin")


def test_page_and_api_know_the_new_address(moved: Moved) -> None:
    scenario = moved.scenario
    assert scenario.chat.call("GET", "/config.json") == {"apiUrl": f"http://{NEW}:{scenario.api_port}"}
    page, before = (f"http://{address}:{scenario.web_port}" for address in (NEW, OLD))
    assert allowed(scenario, page) == page
    assert allowed(scenario, before) == before, "the old address works for a while"
    assert allowed(scenario, "http://evil.test") is None
    text = (scenario.folder / f".env.{scenario.name}").read_text()
    assert text.startswith(f"{COMMENT}SERVER_IP={NEW}\n")


def test_the_probe_asked_at_the_new_address(moved: Moved) -> None:
    assert f"http://{NEW}:{moved.scenario.web_port}/auth answers" in moved.moved.stdout


def test_it_is_taken_back(moved: Moved) -> None:
    scenario = moved.scenario
    undone = scenario.run("migrate-ip", "--undo", "--yes").check()

    sys.stdout.write(f"back in {undone.seconds:.1f} s\n")
    text = (scenario.folder / f".env.{scenario.name}").read_text()
    assert text.startswith(f"{COMMENT}SERVER_IP={OLD}\nNEXT_PUBLIC_API_URL=http://{OLD}:{scenario.api_port}\n")
    assert scenario.chat.call("GET", "/config.json") == {"apiUrl": f"http://{OLD}:{scenario.api_port}"}
    checks.runs_exactly_once(scenario, "backend", "edge", "frontend")
