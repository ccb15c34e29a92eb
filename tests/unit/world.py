"""A machine in memory that is deployed to, with an edge that knows what it has loaded.

The shared fakes keep what is stored. What tells a right deploy is what *runs*: an edge goes on with what it has read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from llmchat_deploy.apply.events import StepEvent
from llmchat_deploy.apply.execute import execute
from llmchat_deploy.apply.observe import observe, observe_running
from llmchat_deploy.apply.places import places_of
from llmchat_deploy.apply.records import record_admin
from llmchat_deploy.apply.run import Findings
from llmchat_deploy.config.model import ChatModel, Environment
from llmchat_deploy.engine.base import ExecResult
from llmchat_deploy.host.base import CommandResult, LineSink
from llmchat_deploy.host.templates import ProjectTemplates
from llmchat_deploy.plan.down import plan_down
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.up import UpOptions, plan_up
from llmchat_deploy.render.places import FIRST, Places
from llmchat_deploy.render.release import Release, RenderedFile, Slot, Slots
from llmchat_deploy.render.render import render_release
from llmchat_deploy.render.slots import parse_slots, render_slots
from llmchat_deploy.secret import Secret
from tests.fakes import FakeEngine, FakeHost, Tape

ROOT = Path(__file__).resolve().parents[2]
EDGE = "llmchat-test-edge"
SECRET_KEY = "k-9f1c2ab47de05836b1f2c4d6e8a0b3c5d7e9f102"
LLM_API_KEY = "sk-live-4e8b1c77aa90"
REMOTE = ChatModel(url="https://models.example.com/v1/chat/completions", name="glm-4", key=Secret(LLM_API_KEY))
LOOPBACK = ChatModel(url="http://127.0.0.1:11553/v1/chat/completions", name="glm-4", key=Secret(LLM_API_KEY))


@dataclass(frozen=True)
class Sources:
    """The shipped templates, with image inputs that a test can change."""

    versions: tuple[tuple[str, str], ...] = ()
    """Service and what its sources are called now."""
    context: str = "/project/service"

    def text(self, name: str) -> str:
        return _text(name)

    def schema(self) -> str:
        return dict(self.versions).get("schema", "0001")

    def inputs(self, service: str) -> str:
        return f"{dict(self.versions).get(service, '1'):0>4}{service:0<12}".encode().hex()

    def with_version(self, service: str, version: str) -> Sources:
        return replace(self, versions=tuple({**dict(self.versions), service: version}.items()))


SHIPPED = Sources()
DEFAULTS = UpOptions()


@cache
def _text(name: str) -> str:
    return ProjectTemplates(ROOT).text(name)


@cache
def slots_file(slots: Slots) -> RenderedFile:
    return render_slots(Sources(), slots)


def an_environment(**changes: object) -> Environment:
    """Return a production-like environment; ``section__field=value`` changes one setting."""
    sections: dict[str, dict[str, object]] = {
        "server": {"address": "192.168.1.100"},
        "models": {"default": REMOTE},
        **{name: {} for name in ("network", "auth", "build", "resources", "health", "backup")},
    }
    own: dict[str, object] = {"secret_key": Secret(SECRET_KEY)}
    for key, value in changes.items():
        section, separator, name = key.partition("__")
        if separator:
            sections[section][name] = value
        else:
            own[key] = value
    kinds = {name: Environment.model_fields[name].annotation for name in sections}
    parts = {name: kind(**sections[name]) for name, kind in kinds.items()}  # type: ignore[misc]
    return Environment(**{"name": "test", "project": "llmchat-test", **parts, **own})  # type: ignore[arg-type]


@dataclass
class RealisticEngine(FakeEngine):
    """A fake engine whose edge runs what it has loaded, and which notes what would have cut somebody off."""

    loaded: dict[str, str] = field(default_factory=dict)
    """What the running edge has read: ``haproxy`` as text, ``backend`` and ``frontend`` as slots."""
    worker: int = 1
    cut_off: list[str] = field(default_factory=list)
    """What took a serving container away, or sent requests to one that doesn't run."""
    refuses: str = ""
    """What HAProxy says to a new configuration; empty: it takes it."""
    deaf: bool = False
    """The edge ignores that it is to load."""
    gone: Exception | None = None
    """What every question is answered with, once the daemon has stopped."""

    def data_root(self) -> str:
        if self.gone:
            raise self.gone
        return super().data_root()

    def start(self, text: str, slot: str) -> None:
        before = dict(self.boxes)
        super().start(text, slot)
        name = next(name for name, box in self.boxes.items() if before.get(name) is not box)
        old = before.get(name)
        if old and old.digest == self.boxes[name].digest and old.state == "running":
            self.boxes[name] = old  # Compose leaves it alone
            return
        if old and old.state == "running":
            self._note_if_serving(name, "recreated")
        if self.boxes[name].service == "edge":
            self._load()

    def signal(self, container: str, name: str) -> None:
        with self.tape.write(f"signal {container} {name}"):
            if not self.deaf:
                self._load()

    def exec(self, container: str, argv: tuple[str, ...], *, stdin: bytes = b"", timeout: float = 60) -> ExecResult:
        if argv[0] not in ("haproxy", "socat"):
            return super().exec(container, argv, stdin=stdin, timeout=timeout)
        for answer in self.answers:
            result = answer(container, argv, stdin)
            if result is not None:
                return result
        if argv[0] == "haproxy":
            return ExecResult(int(bool(self.refuses)), "", self.refuses)
        if stdin == b"show info\n":
            return ExecResult(0, f"Name: HAProxy\nPid: {self.worker}\nUptime: 0d\n", "")
        if stdin.startswith(b"show"):
            return ExecResult(0, "1\n# be_id\n", "")
        with self.tape.write(f"command {container}: {stdin.decode().strip()}"):
            self._obey(stdin.decode())
        return ExecResult(0, "\n", "")

    def restart(self, container: str, *, timeout: int) -> None:
        super().restart(container, timeout=timeout)
        self.boxes[container] = replace(self.boxes[container], health="healthy")
        if container == EDGE:
            self._load()

    def remove_container(self, name: str, *, timeout: int) -> None:
        self._note_if_serving(name, "removed")
        super().remove_container(name, timeout=timeout)
        if name == EDGE:
            self.loaded.clear()

    def stop_by_hand(self, name: str) -> None:
        self.boxes[name] = replace(self.boxes[name], state="exited", health="")

    @property
    def serving(self) -> Slots:
        """The slots that the running edge sends requests to."""
        return Slots(*(Slot(self.loaded[name]) if self.loaded.get(name) else None for name in ("backend", "frontend")))

    def stored(self, path: str) -> str | None:
        return self.read_folder(EDGE, "/etc/llmchat-edge").get(path)

    def _load(self) -> None:
        self.worker += 1
        slots = parse_slots(self.stored("slots.cfg"))
        lines = (self.stored("haproxy.cfg") or "").splitlines(keepends=True)
        if lines and "not loaded" in lines[0]:
            lines = lines[1:]  # a comment: HAProxy doesn't read it either
        self.loaded = {"haproxy": "".join(lines), "backend": slots.backend or "", "frontend": slots.frontend or ""}

    def _obey(self, commands: str) -> None:
        for command in commands.strip().split(";"):
            _, _, server, _, state = command.split(" ")
            service, _, slot = server.partition("/")
            if state == "ready":
                self.loaded[service] = slot
                box = self.boxes.get(f"llmchat-test-{service}-{slot}")
                if box is None or box.state != "running":
                    self.cut_off.append(f"requests sent to {server}, which doesn't run")

    def _note_if_serving(self, name: str, what: str) -> None:
        box, edge = self.boxes.get(name), self.boxes.get(EDGE)
        if box and edge and edge.state == "running" and box.slot and self.loaded.get(box.service) == box.slot:
            self.cut_off.append(f"{name} was {what} while it served")


@dataclass
class TellingHost(FakeHost):
    """A fake host that remembers what each command's environment was."""

    variables: list[Mapping[str, str]] = field(default_factory=list)

    def run(
        self,
        argv: tuple[str, ...],
        *,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        on_line: LineSink | None = None,
    ) -> CommandResult:
        self.variables.append(dict(env or {}))
        return super().run(argv, env=env, stdin=stdin, on_line=on_line)


@dataclass
class World:
    """One machine, and the commands that are run on it."""

    engine: RealisticEngine = field(default_factory=RealisticEngine)
    host: TellingHost = field(init=False)
    events: list[StepEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.host = TellingHost(self.engine)

    def plan(self, environment: Environment, sources: Sources = SHIPPED, options: UpOptions = DEFAULTS) -> Plan:
        release = release_of(environment, sources, places_of(environment, self.host))
        seen = observe(environment, release, self.host, self.engine, prune=options.prune)
        return plan_up(environment, release, seen, slots_file, options)

    def plan_down(self, environment: Environment, *, volumes: bool = False) -> Plan:
        return plan_down(environment, observe_running(environment, self.host, self.engine), volumes=volumes)

    def carry_out(self, plan: Plan, environment: Environment) -> Findings:
        findings = execute(plan, environment, self.host, self.engine, self.events.append)
        if findings.admin_password:
            record_admin(self.host)  # it is shown now
        return findings

    def up(self, environment: Environment, sources: Sources = SHIPPED, options: UpOptions = DEFAULTS) -> Findings:
        return self.carry_out(self.plan(environment, sources, options), environment)

    def down(self, environment: Environment, *, volumes: bool = False) -> Findings:
        return self.carry_out(self.plan_down(environment, volumes=volumes), environment)

    def rewind(self, *, kill_at: int | None = None, kill_after: bool = False) -> None:
        """Begin a new record of writes, and let one of them be the last."""
        self.engine.tape = Tape(kill_at=kill_at, kill_after=kill_after)

    @property
    def writes(self) -> list[str]:
        return self.engine.tape.writes

    def state(self) -> dict[str, object]:
        """Return what a person would compare: not when it was done, nor how often it was tried."""
        engine = self.engine
        return {
            "containers": {name: (box.digest, box.image, box.state, box.health) for name, box in engine.boxes.items()},
            "volumes": dict(engine.volume_projects),
            "files": {
                volume: {path: file.digest for path, file in files.items() if not path.startswith("candidate-")}
                for volume, files in engine.files.items()
            },
            "networks": dict(engine.network_projects),
            "images": set(engine.tags),
            "loaded": dict(engine.loaded) if EDGE in engine.boxes else {},
            "admins": {volume: sorted(names) for volume, names in engine.admins.items()},
            "records": {name: _timeless(text) for name, text in self.host.state.items() if "audit" not in name},
        }


def _timeless(text: str) -> object:
    try:
        return {key: value for key, value in json.loads(text).items() if key != "at"}
    except (ValueError, AttributeError):
        return text


_RELEASES: dict[tuple[int, Sources, Places], tuple[Environment, Release]] = {}


def release_of(environment: Environment, sources: Sources, places: Places = FIRST) -> Release:
    """Return the rendered release; the same one for the same objects, because rendering is what takes time here."""
    key = (id(environment), sources, places)
    if key not in _RELEASES:
        _RELEASES[key] = (environment, render_release(environment, sources, places))
    return _RELEASES[key][1]
