"""Two hundred people and fifty open answers, while everything about the service is changed: nobody notices.

One environment over https, with the address written out, so that a move has something to change in page and backend.
``./run-tests full`` lets the answers take minutes, and does to the same crowd what the deployment guide says.
"""

from __future__ import annotations

import json
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from llmchat_deploy.host.authority import Pair, new_authority, sign
from tests.e2e import checks, guides_way
from tests.e2e.chat import Chat
from tests.e2e.crowd import CLIENTS, Crowd, Met, enrol
from tests.e2e.load import OpenStreams
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import ARTIFACTS, Ran, Scenario

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1800)]

OLD, NEW = "111.19.168.151", "127.0.0.1"
STREAMS = 50
DELAY = 0.25
"""Seconds between two words of an answer."""
SECONDS, MANY_SECONDS = 15, 180
"""How long an answer takes, and in ``./run-tests full``."""
CROWD = ARTIFACTS / "crowd.jsonl"
"""What each change has cost, for ``docs/measurements.md``."""
TLS = '[tls]\nmode = "own"\ncertificate = "chat.pem"\nkey = "chat.key"\n[health]\ndrain_timeout = 240\n'


@dataclass
class Used:
    """An environment in use, and who uses it."""

    scenario: Scenario
    crowd: Crowd
    user: Chat
    words: tuple[str, ...]
    authority: Pair
    values: dict[str, str]
    sources: Path

    def save_artifacts(self, test: str) -> None:
        self.scenario.save_artifacts(test)


@pytest.fixture(scope="module", params=[SECONDS, pytest.param(MANY_SECONDS, marks=pytest.mark.full)], ids=["", "long"])
def used(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Used]:
    ARTIFACTS.mkdir(exist_ok=True)
    CROWD.unlink(missing_ok=True)
    words = tuple(f"{number} " for number in range(int(request.param / DELAY)))
    authority = new_authority("A test's authority", time.time())
    with (
        ModelServer(words=words, delay=DELAY) as server,
        Scenario(tmp_path_factory.mktemp("crowd"), label="crowd") as scenario,
    ):
        values = {"SERVER_IP": OLD, "NEXT_PUBLIC_API_URL": f"https://{OLD}:{scenario.https_port}"}
        values |= {"LLM_API_URL": server.url, "LLM_MODEL": "counter", "LLM_API_KEY": "a-key", "LLM_LABEL": "First"}
        scenario.profile(TLS).env_file(**values)
        sources = scenario.own_sources()
        renew(scenario, authority)
        scenario.up()
        trusted = scenario.folder / "authority.pem"
        trusted.write_text(authority.certificate)
        trust = ssl.create_default_context(cafile=str(trusted))
        chat = replace(scenario.chat, port=scenario.https_port, tls=trust)
        with Crowd(scenario.folder, scenario.https_port, enrol(chat), authority=trusted) as crowd:
            yield Used(scenario, crowd, chat.register("reader"), words, authority, values, sources)


def renew(scenario: Scenario, authority: Pair) -> None:
    """Put a new certificate and its key where the profile names them."""
    made = sign(authority, (OLD, NEW), time.time())
    (scenario.folder / "chat.pem").write_text(made.certificate)
    key = scenario.folder / "chat.key"
    key.touch(mode=0o600)
    key.write_text(made.key.reveal())


def changed(used: Used, name: str, change: Callable[[], Ran]) -> Ran:
    """Change something while answers are open; fail where anybody has noticed."""
    known = {item["id"] for item in conversations(used)}
    streams = OpenStreams(used.user, STREAMS).start()
    begun = time.monotonic()
    ran = change()
    streams.finish()
    met = used.crowd.met(begun, time.monotonic())

    keep(name, ran.seconds, met, streams)
    ran.check()
    assert met.requests > CLIENTS
    assert (met.failures, streams.errors) == ((), [])
    whole = "".join(used.words)
    assert [(answer.status, answer.text == whole) for answer in streams.answers] == [("complete", True)] * STREAMS
    stored = [used.user.conversation(item["id"]) for item in conversations(used) if item["id"] not in known]
    last = [conversation["messages"][-1] for conversation in stored]
    assert [(item["status"], item["content"] == whole) for item in last] == [("complete", True)] * STREAMS
    checks.runs_exactly_once(used.scenario, "backend", "edge", "frontend")
    return ran


def keep(name: str, seconds: float, met: Met, streams: OpenStreams) -> None:
    """Print what a change has cost, and keep it for ``docs/measurements.md``."""
    figures = {
        "change": name,
        "seconds": round(seconds, 1),
        "requests": met.requests,
        "failed": len(met.failures),
        "streams": STREAMS,
        "cut": STREAMS - sum(answer.status == "complete" for answer in streams.answers),
        "outage": round(met.outage, 2),
        "slowest": round(met.slowest, 2),
    }
    sys.stdout.write(f"{json.dumps(figures)}\n")
    with CROWD.open("a") as file:
        file.write(f"{json.dumps(figures)}\n")


def conversations(used: Used) -> list[dict[str, Any]]:
    """Return all of a user's conversations, page by page."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = used.user.call("GET", f"/api/conversations?limit=100{cursor}")
        found += page["items"]
        if not page["next"]:
            return found
        cursor = f"&before={page['next']}"


def moment(when: Callable[[], bool]) -> float:
    """Return the moment at which something is so."""
    while not when():
        time.sleep(0.1)
    return time.monotonic()


def labels(used: Used) -> list[str]:
    return [item["label"] for item in used.user.models()]


def test_an_update(used: Used) -> None:
    used.scenario.env_file(**used.values | {"LLM_LABEL": "Second"})
    changed(used, "update", used.scenario.up)
    assert labels(used) == ["Second"]


def test_a_rollback(used: Used) -> None:
    def roll_back() -> Ran:
        ran = used.scenario.run("rollback", "--yes")
        used.scenario.env_file(**used.values)  # what runs now is what is wished for again
        return ran

    with ThreadPoolExecutor(1) as beside:
        begun = time.monotonic()
        switched = beside.submit(moment, lambda: labels(used) == ["First"])
        changed(used, "rollback", roll_back)
    sys.stdout.write(f"the release before serves after {switched.result() - begun:.1f} s\n")


def test_a_restart(used: Used) -> None:
    changed(used, "restart", lambda: used.scenario.run("restart", "--yes"))


def test_a_new_certificate(used: Used) -> None:
    renew(used.scenario, used.authority)
    changed(used, "certificate", used.scenario.up)


def test_a_new_address(used: Used) -> None:
    changed(used, "migrate-ip", lambda: used.scenario.run("migrate-ip", NEW, "--yes"))


@pytest.mark.full
def test_the_guides_way_beside_it(used: Used) -> None:
    streams = OpenStreams(used.user, STREAMS).start()
    begun = time.monotonic()
    seconds = guides_way.new_version(used.scenario, used.sources, used.user)
    streams.finish()
    met = used.crowd.met(begun, time.monotonic())
    keep("the guide: down, up --build", seconds, met, streams)
    assert met.failures
    assert all(answer.status != "complete" for answer in streams.answers)
