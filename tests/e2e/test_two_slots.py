"""Two backends at once, while the old one finishes its answers: they know of each other's, and leave them alone."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.e2e import checks, facts
from tests.e2e.chat import Answer, Chat, Event
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Scenario

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

WORDS = tuple(f"{number} " for number in range(1500))
DELAY = 0.1
"""Seconds between words: an answer takes minutes, however long a switch takes here, unless a test has had enough."""
NOTICED = 5.0
"""Seconds within which a stop has arrived in the other slot."""
GIVEN_UP = 30.0
"""Seconds within which an owner without heartbeat (20 s) is found dead."""


@dataclass
class Reading:
    """An answer that is being read."""

    chat: Chat
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 60
        while len(self.events) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)

    @property
    def message(self) -> str:
        return str(self.events[0].data["message_id"])

    @property
    def conversation(self) -> str:
        return str(self.events[0].data["conversation_id"])

    @property
    def stored(self) -> dict[str, str]:
        last: dict[str, str] = self.chat.conversation(self.conversation)["messages"][-1]
        return last

    def end(self, timeout: float) -> Answer:
        """Wait for its end."""
        self._thread.join(timeout)
        assert not self._thread.is_alive(), "the answer goes on"
        return Answer(tuple(self.events))

    def _read(self) -> None:
        try:
            for event in self.chat.stream("Count"):
                self.events.append(event)
        except (OSError, AssertionError):
            pass


@dataclass
class Draining:
    """An environment in the middle of an update: slot a finishes its answers, slot b serves."""

    scenario: Scenario
    server: ModelServer
    values: dict[str, str]
    user: Chat
    update: subprocess.Popen[str]
    old: tuple[Reading, Reading, Reading]
    new: Reading

    def save_artifacts(self, test: str) -> None:
        self.scenario.save_artifacts(test)

    def has_both(self) -> bool:
        return facts.services(self.scenario.project).count("backend") == 2


@pytest.fixture(scope="module")
def draining(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Draining]:
    with (
        ModelServer(words=WORDS, delay=DELAY) as server,
        Scenario(tmp_path_factory.mktemp("slots"), label="slots") as scenario,
    ):
        values = {"LLM_API_URL": server.url, "LLM_MODEL": "counter", "LLM_API_KEY": "", "LLM_LABEL": "Old"}
        scenario.profile("[health]\ndrain_timeout = 240\n").env_file(**values).up()
        user = scenario.chat.register("reader")
        old = (Reading(user), Reading(user), Reading(user))
        scenario.env_file(**values | {"LLM_LABEL": "New"})
        update = scenario.start("up", "--yes")
        wait_for_label(user, "New")
        yield Draining(scenario, server, values, user, update, old, Reading(user))


def test_an_answer_of_the_old_slot_is_stopped_by_way_of_the_new_one(draining: Draining) -> None:
    stopped = draining.old[0]
    draining.user.call("POST", f"/api/messages/{stopped.message}/stop", expect=202)
    answer = stopped.end(NOTICED)
    assert answer.status == "stopped"
    assert stopped.stored["status"] == "stopped"
    assert stopped.stored["content"] == answer.text
    assert draining.has_both()


def test_every_slot_shows_what_the_other_is_writing(draining: Draining) -> None:
    assert draining.old[1].stored["status"] == "running"
    assert draining.new.stored["status"] == "running"


def test_the_rest_is_finished_by_whoever_began_it(draining: Draining) -> None:
    draining.server.enough.set()
    for reading in (draining.old[1], draining.old[2], draining.new):
        answer = reading.end(20)
        checks.is_streamed(answer)
        assert (reading.stored["status"], reading.stored["content"]) == ("complete", answer.text)
    draining.update.communicate(timeout=60)
    assert draining.update.returncode == 0
    checks.runs_exactly_once(draining.scenario, "backend", "edge", "frontend")


def test_only_the_answers_of_a_dead_owner_are_given_up(draining: Draining) -> None:
    """The old slot is killed while it drains. What the new one writes goes on."""
    draining.server.enough.clear()
    lost = Reading(draining.user)
    draining.scenario.env_file(**draining.values | {"LLM_LABEL": "Newer"})
    update = draining.scenario.start("up", "--yes")
    wait_for_label(draining.user, "Newer")
    kept = Reading(draining.user)
    for container in facts.containers(draining.scenario.project):
        if container.name.endswith("-backend-b"):
            os.kill(container.attrs["State"]["Pid"], signal.SIGKILL)

    deadline = time.monotonic() + GIVEN_UP
    while lost.stored["status"] == "running" and time.monotonic() < deadline:
        time.sleep(0.5)
    assert lost.stored["status"] == "interrupted"
    assert kept.stored["status"] == "running"
    draining.server.enough.set()
    answer = kept.end(20)
    checks.is_streamed(answer)
    assert kept.stored["content"] == answer.text
    update.communicate(timeout=60)
    assert update.returncode == 0
    checks.runs_exactly_once(draining.scenario, "backend", "edge", "frontend")


def wait_for_label(user: Chat, label: str) -> None:
    """Wait until the slot that serves is the one with this label."""
    deadline = time.monotonic() + 60
    while [item["label"] for item in user.models()] != [label]:
        assert time.monotonic() < deadline, "there was no switch"
        time.sleep(0.1)
