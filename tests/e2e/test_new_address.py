"""A new address, while people use the service: nothing fails, nothing is built, and it can be taken back."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.e2e import checks, facts
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
    sys.stdout.write(f"{requests} requests; the move took {moved.moved.seconds:.1f} s with its drain\n")
    assert requests > 200
    assert (moved.page.failures, moved.api.failures, moved.streams.errors) == ([], [], [])
    assert [answer.status for answer in moved.streams.answers] == ["complete"] * STREAMS


def test_only_the_readers_of_the_address_are_replaced(moved: Moved) -> None:
    project, after = moved.scenario.project, facts.identities(moved.scenario.project)

    assert set(after) == {f"{project}-backend-b", f"{project}-edge", f"{project}-frontend-b"}
    assert after[f"{project}-edge"] == moved.before[f"{project}-edge"]
    assert "die edge" not in moved.events


def test_page_and_api_know_the_new_address(moved: Moved) -> None:
    scenario = moved.scenario
    assert scenario.chat.call("GET", "/config.json") == {"apiUrl": f"http://{NEW}:{scenario.api_port}"}
    env = facts.container(scenario.project, "backend").attrs["Config"]["Env"]
    origins = next(word for word in env if word.startswith("CORS_ORIGINS="))
    assert f"http://{NEW}:{scenario.web_port}" in origins
    assert f"http://{OLD}:{scenario.web_port}" in origins, "the old address works for a while"
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
