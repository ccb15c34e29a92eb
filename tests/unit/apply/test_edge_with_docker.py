"""The edge's own image under load while it is configured and switched: no request may fail, no claim may be false."""

from __future__ import annotations

import contextlib
import http.client
import socket
import subprocess
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

import pytest

from llmchat_deploy.apply import edge
from llmchat_deploy.apply.run import Findings, Run
from llmchat_deploy.config.model import Environment
from llmchat_deploy.engine.sdk import SdkEngine
from llmchat_deploy.errors import StepFailed
from llmchat_deploy.host.local import LocalHost
from llmchat_deploy.plan.steps import ConfigureEdge, SwitchSlots
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.release import RenderedFile, Slot, Slots
from llmchat_deploy.render.render import render_release
from tests.unit.images import image
from tests.unit.world import SHIPPED, an_environment, slots_file

pytestmark = pytest.mark.docker

ONE_OF_EACH = """\
import http.server, sys
class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "1")
        self.send_header("Sender", self.headers["X-Forwarded-For"]); self.end_headers()
        self.wfile.write(sys.argv[1].encode())
    def log_message(self, *a): pass
http.server.ThreadingHTTPServer(("", 3000), Page).serve_forever()
"""


def docker(*argv: str) -> str:
    return subprocess.run(["docker", *argv], capture_output=True, text=True, check=True).stdout.strip()


@dataclass
class Edge:
    """A running edge with two page servers behind it."""

    environment: Environment
    engine: SdkEngine
    host: LocalHost
    port: int
    names: Names = field(init=False)

    def __post_init__(self) -> None:
        self.names = Names(self.environment.project)

    @property
    def name(self) -> str:
        return self.names.container("edge", None)

    def run(self) -> Run:
        return Run(self.environment, self.host, self.engine, Findings(), lambda line: None)

    def configure(self, idle_timeout: int, *, garbage: str = "") -> None:
        models = self.environment.models.model_copy(update={"idle_timeout": idle_timeout})
        service = render_release(self.environment.model_copy(update={"models": models}), SHIPPED).service("edge")
        assert service
        files = tuple(replace(file, content=f"{file.content}{garbage}") for file in service.files)
        volume, project = self.names.edge_volume, self.environment.project
        step = ConfigureEdge(volume=volume, image=image("edge"), project=project, files=files, cause="test")
        edge.configure(step, self.run())

    def switch(self, slot: Slot) -> None:
        slots = Slots(Slot.A, slot)
        volume, project = self.names.edge_volume, self.environment.project
        before = slots_file(Slots(Slot.A, slot.other))
        step = SwitchSlots(
            volume=volume, image=image("edge"), project=project, slots=slots, file=slots_file(slots), before=before,
            cause="test",
        )  # fmt: skip
        edge.switch(step, self.run())

    def page(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5) as answer:
            return str(answer.read().decode())

    def sender(self, host: str, port: int, own: str) -> str | None:
        """Ask from an address of this machine, and return whom the page takes it for."""
        connection = http.client.HTTPConnection(host, port, timeout=5, source_address=(own, 0))
        with contextlib.closing(connection):
            connection.request("GET", "/", headers={"X-Forwarded-For": "203.0.113.7"})
            return connection.getresponse().headers["Sender"]

    def stored(self, file: str) -> str:
        return self.engine.read_folder(self.name, "/etc/llmchat-edge")[file]

    def start_page(self, slot: Slot) -> None:
        docker(
            "run", "--detach", "--name", self.names.container("frontend", slot), "--network", self.names.network,
            "--network-alias", f"frontend-{slot}", "--entrypoint", "python3", image("backend"),
            "-c", ONE_OF_EACH, str(slot),
        )  # fmt: skip


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Edge]:
    project = f"llmchat-test-edge-{uuid4().hex[:6]}"
    engine = SdkEngine.connect()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    it = Edge(an_environment(project=project), engine, LocalHost(tmp_path, project, state_root=tmp_path), port)
    engine.create_network(project, project)
    engine.create_volume(it.names.edge_volume, project, "edge")
    try:
        it.configure(600)
        it.switch(Slot.A)
        it.start_page(Slot.A)
        docker(
            "run", "--detach", "--init", "--name", it.name, "--network", project, "--read-only",
            "--tmpfs", "/tmp", "--tmpfs", "/run/haproxy:mode=0700,uid=10002,gid=10000",
            "--publish", f"127.0.0.1:{port}:3000", "--volume", f"{it.names.edge_volume}:/etc/llmchat-edge",
            image("edge"),
        )  # fmt: skip
        until(lambda: it.page() == "a")
        yield it
    finally:
        for name in (it.name, *(it.names.container("frontend", slot) for slot in Slot)):
            engine.remove_container(name, timeout=1)
        engine.remove_volume(it.names.edge_volume)
        engine.remove_network(project)


def listens(container: str) -> bool:
    script = "import socket; socket.create_connection(('127.0.0.1', 3000))"
    return not subprocess.run(["docker", "exec", container, "python3", "-c", script], check=False).returncode


def until(done: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if done():
                return
        time.sleep(0.1)
    raise AssertionError("it never happened")


@contextlib.contextmanager
def load(it: Edge) -> Iterator[Counter[str]]:
    """Ask for the page all the time; count what answers."""
    answers: Counter[str] = Counter()
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            try:
                answers[it.page()] += 1
            except OSError as error:
                answers[str(error)] += 1

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    try:
        yield answers
    finally:
        over.set()
        for asker in askers:
            asker.join()


def test_a_switch_to_a_slot_that_has_just_started_fails_no_request(running):
    with load(running) as answers:
        time.sleep(0.3)
        running.start_page(Slot.B)
        until(lambda: listens(running.names.container("frontend", Slot.B)))
        running.switch(Slot.B)
        before = answers["b"]
        time.sleep(0.5)

    assert set(answers) == {"a", "b"}
    assert answers["b"] > before
    assert running.page() == "b"
    assert running.stored("slots.cfg") == slots_file(Slots(Slot.A, Slot.B)).content
    docker("restart", "--time", "1", running.name)
    until(lambda: running.page() == "b")


def test_a_slot_that_is_not_there_gets_nothing(running, monkeypatch):
    monkeypatch.setattr(edge, "LOAD_TIMEOUT", 1)
    with pytest.raises(StepFailed, match="not found by its name"):
        running.switch(Slot.B)

    assert running.page() == "a"
    assert running.stored("slots.cfg") == slots_file(Slots(Slot.A, Slot.A)).content
    running.start_page(Slot.B)
    until(lambda: listens(running.names.container("frontend", Slot.B)))
    time.sleep(3)  # the edge looks names up once a second
    assert {running.page() for _ in range(20)} == {"a"}
    docker("restart", "--time", "1", running.name)
    until(lambda: running.page() == "a")
    assert {running.page() for _ in range(20)} == {"a"}


def test_a_configuration_is_loaded_before_it_is_called_loaded(running):
    worker = edge._worker(running.name, running.run())
    running.configure(77)

    assert edge._worker(running.name, running.run()) not in ("", worker)
    assert "timeout server 137s" in running.stored("haproxy.cfg")
    assert "not loaded" not in running.stored("haproxy.cfg")
    until(lambda: running.page() == "a")


def test_a_configuration_that_haproxy_refuses_never_stands_where_a_restart_would_read_it(running):
    before = running.stored("haproxy.cfg")

    with pytest.raises(StepFailed) as error:
        running.configure(77, garbage="\nfrontend web\n    no-such-keyword\n")

    assert any("no-such-keyword" in line for line in error.value.details)
    assert running.stored("haproxy.cfg") == before
    docker("restart", "--time", "1", running.name)
    until(lambda: running.page() == "a")


def test_a_running_edge_takes_files_itself_and_owns_them(running):
    """No container is made for it: there is no such image."""
    file = RenderedFile("note.txt", "x", 0o640, "d")
    running.engine.put_files(running.names.edge_volume, "llmchat/none:0", "edge", (file,))

    assert running.stored("note.txt") == "x"
    said = docker("exec", running.name, "stat", "--format", "%u %g %a", "/etc/llmchat-edge/note.txt")
    assert said == "10002 10000 640"


def test_a_helper_that_a_killed_run_left_does_not_keep_its_volume(running):
    engine, volume = running.engine, f"{running.environment.project}_keys-left"
    engine.create_volume(volume, running.environment.project, "secrets")
    left = docker("create", "--label", "llmchat.helper=true", "--volume", f"{volume}:/run/llmchat", image("backend"))

    files = (RenderedFile("SECRET_KEY", "x", 0o400, "d"),)
    engine.put_files(volume, image("backend"), "backend", files)
    assert left[:12] not in docker("ps", "--all", "--format", "{{.ID}}").split()

    docker("create", "--label", "llmchat.helper=true", "--volume", f"{volume}:/run/llmchat", image("backend"))
    engine.remove_volume(volume)
    assert volume not in docker("volume", "ls", "--quiet").split()


def test_whoever_the_gateway_hides_is_unknown_and_everybody_else_is_named(running):
    assert running.sender("127.0.0.1", running.port, "127.0.0.1") == "unknown"
    inside = docker("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", running.name)
    for own in own_addresses():
        assert running.sender(inside, 3000, own) == own


def own_addresses() -> list[str]:
    """Return this machine's address on its way out; none where it has no way out, as nobody comes that way then."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way_out:
        try:
            way_out.connect(("198.51.100.1", 9))  # sends nothing
        except OSError:
            return []
        return [str(way_out.getsockname()[0])]
