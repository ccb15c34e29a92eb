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
from llmchat_deploy.config.chat_model import ChatModel, PresetModel
from llmchat_deploy.config.model import Environment
from llmchat_deploy.host.base import CommandResult, LineSink
from llmchat_deploy.host.templates import ProjectTemplates
from llmchat_deploy.plan.down import plan_down
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.up import UpOptions, plan_up
from llmchat_deploy.render.places import FIRST, Places
from llmchat_deploy.render.release import Release, RenderedFile, Revision, Slots
from llmchat_deploy.render.render import render_release
from llmchat_deploy.render.slots import render_slots
from llmchat_deploy.secret import Secret
from tests.fakes import FakeHost, Tape
from tests.unit.realistic_engine import EDGE, RealisticEngine

ROOT = Path(__file__).resolve().parents[2]
SECRET_KEY = "k-9f1c2ab47de05836b1f2c4d6e8a0b3c5d7e9f102"
LLM_API_KEY = "sk-live-4e8b1c77aa90"
REMOTE = ChatModel(url="https://models.example.com/v1/chat/completions", name="glm-4", key=Secret(LLM_API_KEY))
PRESET = PresetModel.model_validate(vars(REMOTE))
LOOPBACK = ChatModel(url="http://127.0.0.1:11553/v1/chat/completions", name="glm-4", key=Secret(LLM_API_KEY))


@dataclass(frozen=True)
class Sources:
    """The shipped templates, with image inputs that a test can change."""

    versions: tuple[tuple[str, str], ...] = ()
    """Service and what its sources are called now."""
    context: str = "/project/service"

    def text(self, name: str) -> str:
        return _text(name)

    def revisions(self) -> tuple[Revision, ...]:
        """Return 0001 to the version of ``schema``; the version of ``offline`` names one that is offline."""
        versions = {"schema": "0001", "offline": ""} | dict(self.versions)
        names = [f"{number:04}" for number in range(1, int(versions["schema"] or 0) + 1)]
        return tuple(Revision(name, 20 if name == versions["offline"] else None) for name in names)

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
        **{name: {} for name in ("network", "auth", "limits", "build", "resources", "health", "backup", "tls")},
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
    def volumes(self) -> dict[str, tuple[str, str]]:
        """What is kept; the scratch volume comes with the first backup and holds nothing."""
        return {name: what for name, what in self.engine.volume_projects.items() if "scratch" not in what}

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
                volume: {
                    path: file.digest for path, file in files.items() if not path.startswith(("candidate-", "next.pem"))
                }
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
