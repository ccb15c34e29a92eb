"""While a release is replaced, the edge dies, or the new slot, or the connection to Docker, or Docker is restarted.

The service comes back on a slot that is right, and the next run converges.
"""

from __future__ import annotations

import os
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest

from tests.e2e import checks, facts
from tests.e2e.guides_way import wait_for
from tests.e2e.load import OpenStreams
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Scenario
from tests.faults.cut import index_of, planned, reach
from tests.faults.daemon import Daemon
from tests.faults.test_disks_and_engines import built, images_of, on

__all__ = ["built"]
pytestmark = [pytest.mark.docker, pytest.mark.timeout(1800)]

SERVICES = ("backend", "edge", "frontend")
ENGINE = "/var/run/docker.sock"
MOMENTS = (
    ("ask the model", "edge"),
    ("ask the model", "new slot"),
    ("ask the model", "connection"),
    ("send requests to", "edge"),
    ("send requests to", "new slot"),
    ("send requests to", "connection"),
    ("stop backend", "edge"),
    ("stop backend", "connection"),
)
DRAIN = "[health]\ndrain_timeout = 5\n"
WORDS = tuple(f"{number} " for number in range(1500))
DEFAULT = {MOMENTS[1], MOMENTS[3], MOMENTS[5], MOMENTS[6]}
"""What the default run disturbs; the sweep disturbs every step."""


class Connection:
    """A way to Docker's socket that can be cut: everything that goes through it ends, and nothing gets in any more."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="lc-")
        self.path = Path(self._folder.name) / "s"  # the name of a Unix socket has 107 bytes at most
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(self.path))
        self._server.listen(50)
        self._open: list[socket.socket] = [self._server]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        self._folder.cleanup()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                engine = socket.socket(socket.AF_UNIX)
                engine.connect(ENGINE)
                self._open += [client, engine]
                for source, target in ((client, engine), (engine, client)):
                    threading.Thread(target=_pass_on, args=(source, target), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, model_server: ModelServer) -> Iterator[Scenario]:
    with Scenario(tmp_path_factory.mktemp("parts"), label="parts") as scenario:
        change(scenario.profile(DRAIN), model_server)
        scenario.up()
        yield scenario


def change(scenario: Scenario, server: ModelServer) -> str:
    """Write another label and return it: the next `up` replaces the backend."""
    label = f"Model {time.monotonic_ns()}"
    scenario.env_file(LLM_API_URL=server.url, LLM_MODEL="test", LLM_LABEL=label, LLM_API_KEY="key-of-the-test")
    return label


def kill_first_process(scenario: Scenario, service: str, slot: str = "") -> None:
    """Kill a container as the kernel does where memory is short: Docker starts it again."""
    for container in facts.containers(scenario.project):
        labels = container.labels
        if labels["llmchat.service"] == service and slot in ("", labels.get("llmchat.slot")):
            with suppress(ProcessLookupError):
                os.kill(container.attrs["State"]["Pid"] or 2**22, signal.SIGKILL)


def disturb(scenario: Scenario, server: ModelServer, index: int, victim: str) -> None:
    """Let something die in a step of an update, and the next run make everything right."""
    backend = facts.container(scenario.project, "backend")
    new = "b" if backend.labels["llmchat.slot"] == "a" else "a"
    label = change(scenario, server)
    with Connection() as connection:
        scenario.variables["DOCKER_HOST"] = f"unix://{connection.path}"
        process = scenario.start("up", "--yes")
        reach(process, index)
        if victim == "connection":
            connection.cut()
        elif victim == "edge":
            kill_first_process(scenario, "edge")
        else:
            kill_first_process(scenario, "backend", new)
        _, said = process.communicate(timeout=180)
        del scenario.variables["DOCKER_HOST"]
    assert "This is a bug" not in said, said
    assert process.returncode in (0, 4, 8, 9), said
    wait_for(scenario.chat)

    scenario.up()
    checks.runs_exactly_once(scenario, *SERVICES)
    assert len(facts.volumes(scenario.project)) == 4
    user = scenario.chat.register(f"user-{time.monotonic_ns()}")
    assert [item["label"] for item in user.models()] == [label]
    checks.is_streamed(user.ask("Still there?"))


@pytest.mark.parametrize(
    ("step", "victim"),
    [pytest.param(*moment, marks=[] if moment in DEFAULT else pytest.mark.full) for moment in MOMENTS],
)
def test_an_update_in_which_something_dies_is_finished_by_the_next(
    running: Scenario, model_server: ModelServer, step: str, victim: str
) -> None:
    change(running, model_server)
    titles = planned(running, "plan")
    index = next(index for index, title in enumerate(titles) if title.startswith(step))
    disturb(running, model_server, index, victim)


@pytest.mark.full
@pytest.mark.parametrize("victim", ["edge", "new slot", "connection"])
def test_an_update_in_which_something_dies_at_any_step_is_finished_by_the_next(
    running: Scenario, model_server: ModelServer, victim: str
) -> None:
    index = 0
    while True:
        change(running, model_server)
        if index >= len(planned(running, "plan")):
            break
        disturb(running, model_server, index, victim)
        index += 1
    assert index > 8


def test_an_engine_that_is_restarted_while_a_slot_drains_brings_the_new_one_back(
    scenario: Scenario, own_daemon: Daemon, built: None
) -> None:
    with own_daemon.network(), ModelServer(words=WORDS, delay=0.1) as server:
        scenario.profile(DRAIN.replace("5", "120"))
        change(scenario, server)
        own_daemon.copy_images(*images_of(scenario))
        on(scenario, own_daemon)
        scenario.up()
        user = scenario.chat.register("reader")
        OpenStreams(user, 2).start()
        label = change(scenario, server)
        index = index_of(planned(scenario, "plan"), "stop backend")
        process = scenario.start("up", "--yes")
        reach(process, index)
        both = own_daemon.docker("ps", "--filter", "label=llmchat.service=backend", "--quiet").stdout.split()
        assert len(both) == 2, "nothing drains"
        own_daemon.restart()
        _, said = process.communicate(timeout=120)
        assert "This is a bug" not in said, said
        wait_for(scenario.chat)
        assert [item["label"] for item in user.models()] == [label]
        scenario.up()
        assert scenario.run("up").check().stdout.startswith("Nothing to do")
        listed = own_daemon.docker("ps", "--all", "--format", "{{.Names}}").stdout.split()
        assert sorted(name.removeprefix(f"{scenario.project}-") for name in listed) == [
            "backend-b",
            "edge",
            "frontend-a",
        ]
