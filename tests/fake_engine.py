"""A Docker engine in memory, with the backend's own commands behind ``exec``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from llmchat_deploy.engine.base import Container, ExecResult, LogLine, Network, OwnImage, PublishedPort, Usage, Volume
from llmchat_deploy.errors import PullFailed
from llmchat_deploy.render.names import Names
from llmchat_deploy.secret import Secret
from tests.fake_tape import Tape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmchat_deploy.render.release import RenderedFile


@dataclass(frozen=True)
class RunOnce:
    """What a throwaway container was asked."""

    argv: tuple[str, ...]
    image: str
    volumes: dict[str, str]


ExecAnswer = Callable[[str, tuple[str, ...], bytes], ExecResult | None]


@dataclass
class FakeEngine:
    """What the tool asks of an engine, answered from these fields."""

    tape: Tape = field(default_factory=Tape)
    boxes: dict[str, Container] = field(default_factory=dict)
    mounts: dict[str, dict[str, str]] = field(default_factory=dict)
    """Container name -> volume name -> path inside."""
    volume_projects: dict[str, tuple[str, str]] = field(default_factory=dict)  # volume name -> project and role
    files: dict[str, dict[str, RenderedFile]] = field(default_factory=dict)  # volume name -> path -> file
    network_projects: dict[str, str] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)
    built_for: dict[str, tuple[str, float]] = field(default_factory=dict)  # tag -> project it is for, and when
    refused: set[str] = field(default_factory=set)  # images that came into use a moment ago
    nameless: dict[str, float] = field(default_factory=dict)  # id of an image without a name -> when it was made
    registry: bool = False
    stalls: bool = False  # the registry answers and delivers nothing
    unhealthy: set[str] = field(default_factory=set)  # services whose containers never get healthy
    admins: dict[str, dict[str, str]] = field(default_factory=dict)
    """Data volume -> administrator -> password: gone with the volume."""
    answers: list[ExecAnswer] = field(default_factory=list)  # asked on ``exec``; the first not None wins
    schema: str = "0001"
    """The revision that the images migrate to."""
    model_answers: bool = True
    timeouts: list[float] = field(default_factory=list)  # what each command inside a container was given
    log_text: dict[str, str] = field(default_factory=dict)
    runs: list[RunOnce] = field(default_factory=list)
    strangers: list[PublishedPort] = field(default_factory=list)
    published: list[PublishedPort] = field(default_factory=list)
    logged_in: set[str] = field(default_factory=set)  # administrators who have used their password

    # Reading

    def containers(self, project: str) -> tuple[Container, ...]:
        found = (box for box in self.boxes.values() if box.project == project)
        return tuple(sorted(found, key=lambda box: box.name))

    def inspect(self, name: str) -> Container | None:
        return self.boxes.get(name)

    def volumes(self, project: str) -> tuple[Volume, ...]:
        items = sorted(self.volume_projects.items())
        ours = [Volume(name, role) for name, (owner, role) in items if owner == project]
        named = ((name, Names(project).role(name)) for name, (owner, _) in items if owner != project)
        theirs = [Volume(name, role, ours=False) for name, role in named if role]
        return tuple(sorted([*ours, *theirs], key=lambda volume: volume.name))

    def networks(self, project: str) -> tuple[Network, ...]:
        items = sorted(self.network_projects.items())
        return tuple(Network(name, ours=owner == project) for name, owner in items if project in (owner, name))

    def images(self, tags: tuple[str, ...]) -> frozenset[str]:
        return frozenset(self.tags.intersection(tags))

    def image_ids(self, tags: tuple[str, ...]) -> dict[str, str]:
        return {tag: f"sha256:{tag.rpartition(':')[2]:0>64}" for tag in tags if tag in self.tags}

    def created(self, tags: tuple[str, ...]) -> dict[str, float]:
        return {tag: self.built_for[tag][1] for tag in tags if tag in self.tags and tag in self.built_for}

    def own_images(self) -> tuple[OwnImage, ...]:
        used = {box.image for box in self.boxes.values()}
        made = ((tag, *self.built_for[tag]) for tag in sorted(self.tags & set(self.built_for)))
        named = (OwnImage(f"sha256:{tag}", (tag,), project, at, tag in used) for tag, project, at in made)
        return (*(OwnImage(id_, (), "", made, used=False) for id_, made in self.nameless.items()), *named)

    def published_ports(self) -> tuple[PublishedPort, ...]:
        ours = (port for port in self.published if self.boxes[port.container].state == "running")
        return (*self.strangers, *ours)

    def read_folder(self, container: str, path: str) -> dict[str, str]:
        if container not in self.boxes:
            return {}
        volumes = (volume for volume, inside in self.mounts.get(container, {}).items() if inside == path)
        return {name: _text(file.content) for volume in volumes for name, file in self.files.get(volume, {}).items()}

    def logs(self, container: str, *, tail: int) -> str:
        return "\n".join(self.log_text.get(container, "").splitlines()[-tail:])

    def follow(self, containers: tuple[Container, ...], *, follow: bool, tail: int | None) -> Iterator[LogLine]:
        for box in containers:
            service = f"{box.service}-{box.slot}" if box.slot else box.service
            lines = self.log_text.get(box.name, "").splitlines()
            yield from (LogLine(service, line) for line in (lines if tail is None else lines[-tail:] if tail else []))

    def usage(self, name: str) -> Usage | None:
        box = self.boxes.get(name)
        return Usage(memory=50 * 2**20, cpu=1.5) if box and box.state == "running" else None

    def registry_has(self, reference: str, *, timeout: float) -> bool:
        return self.registry

    def data_root(self) -> str:
        return "/var/lib/docker"

    # Writing

    def pull(self, reference: str, on_progress: Callable[[str], None]) -> None:
        on_progress("1.0 of 30.0 MB")
        if self.stalls:
            raise PullFailed(f"The registry of {reference} delivered nothing for 30 s.")
        with self.tape.write(f"pull {reference}"):
            self.tags.add(reference)

    def create_network(self, name: str, project: str) -> None:
        with self.tape.write(f"create network {name}"):
            self.network_projects.setdefault(name, project)

    def create_volume(self, name: str, project: str, role: str) -> None:
        with self.tape.write(f"create volume {name}"):
            self.volume_projects.setdefault(name, (project, role))

    def put_files(self, volume: str, image: str, service: str, files: tuple[RenderedFile, ...]) -> None:
        with self.tape.write(f"put files {volume}"):
            self.files.setdefault(volume, {}).update({file.path.rsplit("/")[-1]: file for file in files})

    def run_once(self, argv: tuple[str, ...], *, image: str, volumes: dict[str, str]) -> ExecResult:
        with self.tape.write(f"run once {' '.join(argv)}"):
            self.runs.append(RunOnce(argv, image, dict(volumes)))
        told = {"from": None, "to": self.schema, "head": self.schema}
        return _json(0, told)

    def exec(self, container: str, argv: tuple[str, ...], *, stdin: bytes = b"", timeout: float = 60) -> ExecResult:
        self.timeouts.append(timeout)
        for answer in self.answers:
            result = answer(container, argv, stdin)
            if result is not None:
                return result
        if container not in self.boxes:
            return ExecResult(1, "", f"no such container: {container}")
        if argv in self._health_commands(container):
            return ExecResult(int(self.boxes[container].health == "unhealthy"), "", "")
        if "admin" in argv:
            with self.tape.write(f"exec {container} {' '.join(argv)}"):
                return self._admin(container, argv, stdin.decode())
        return self._probe() if "probe" in argv else ExecResult(0, "", "")

    def signal(self, container: str, name: str) -> None:
        with self.tape.write(f"signal {container} {name}"):
            pass

    def restart(self, container: str, *, timeout: int) -> None:
        with self.tape.write(f"restart {container}"):
            box = self.boxes[container]
            self.boxes[container] = replace(box, state="running", restarts=box.restarts)

    def stop(self, container: str, *, timeout: int) -> None:
        with self.tape.write(f"stop {container}"):
            self.boxes[container] = replace(self.boxes[container], state="exited", health="")

    def remove_container(self, name: str, *, timeout: int) -> None:
        with self.tape.write(f"remove container {name}"):
            self.boxes.pop(name, None)
            self.published = [port for port in self.published if port.container != name]

    def remove_helpers(self, volume: str) -> None:
        pass

    def remove_volume(self, name: str) -> None:
        with self.tape.write(f"remove volume {name}"):
            self.volume_projects.pop(name, None)
            self.files.pop(name, None)
            self.admins.pop(name, None)

    def built(self, tag: str, project: str, at: float) -> None:
        self.tags.add(tag)
        self.built_for[tag] = project, at

    def remove_image(self, reference: str) -> bool:
        with self.tape.write(f"remove image {reference}"):
            if reference in self.refused or any(box.image == reference for box in self.boxes.values()):
                return False
            self.tags.discard(reference)
            self.nameless.pop(reference, None)
            return True

    def prune_cache(self, *, keep_bytes: int, unused_hours: int) -> int:
        with self.tape.write("prune the build cache"):
            return 0

    def remove_network(self, name: str) -> None:
        with self.tape.write(f"remove network {name}"):
            self.network_projects.pop(name, None)

    # What Compose and the backend would do

    def start(self, text: str, slot: str) -> None:
        """Start what a rendered Compose file names, as ``docker compose up`` would."""
        text = re.sub(r"\$\{SLOT:-a\}", slot or "a", text)
        labels = dict(re.findall(r"^\s+llmchat\.(\w+): \"?([^\"\n]+)\"?$", text, re.MULTILINE))
        names = {key: _one(rf"^\s+{key}: \"?([^\"\n]+)\"?$", text) for key in ("image", "container_name")}
        service = labels["service"]
        health = "" if "healthcheck:" not in text else "unhealthy" if service in self.unhealthy else "healthy"
        box = Container(
            name=names["container_name"],
            project=labels["project"],
            service=service,
            slot=labels.get("slot", ""),
            image=names["image"],
            digest=labels.get("digest", ""),
            state="running",
            health=health,
            started_at="2026-01-01T00:00:00Z",
            health_command=tuple(json.loads(_one(r"^\s+test: (\[.*\])$", text))) if health else (),
        )
        self.boxes[box.name] = box
        ports = re.findall(r"^\s+- \"?([\d.]+):(\d+):\d+\"?$", text, re.MULTILINE)
        ours = [PublishedPort(bind, int(port), box.name, box.project) for bind, port in ports]
        self.published = [port for port in self.published if port.container != box.name] + ours
        volumes = dict(re.findall(r"^  (\w+):\n    name: \"?([^\"\n]+)\"?\n    external", text, re.MULTILINE))
        paths = dict(re.findall(r"^\s+- (\w+):(/[^:\n]+)(?::ro)?$", text, re.MULTILINE))
        self.mounts[box.name] = {volumes[key]: path for key, path in paths.items() if key in volumes}

    def _probe(self) -> ExecResult:
        if self.model_answers:
            return _json(0, {"ok": True, "model": "default", "first_token_ms": 12})
        reason = {"reason": "nothing_listens", "detail": "nothing listens on port 9.", "hint": "Start it."}
        return _json(9, {"ok": False, "model": "default", **reason})

    def _health_commands(self, container: str) -> tuple[tuple[str, ...], ...]:
        command = self.boxes[container].health_command
        return (command[1:], ("/bin/sh", "-c", *command[1:])) if command else ()

    def _admin(self, container: str, argv: tuple[str, ...], password: str) -> ExecResult:
        volume = next((name for name, path in self.mounts.get(container, {}).items() if path == "/app/db"), "")
        admins = self.admins.setdefault(volume, {})
        verb = argv[argv.index("admin") + 1]
        if verb == "list":
            rows = [_admin_row(name) for name in sorted(admins)]
            return _json(0, {"admins": rows})
        name = argv[argv.index("--username") + 1]
        if verb == "ensure" and admins:
            if "--replace-unused" not in argv or name not in admins or name in self.logged_in:
                return _json(0, {"created": False, "username": name})
            admins[name] = password
            return _json(0, {"created": False, "replaced": True, "username": name})
        refusals = {
            "username_taken": (f"There is a user '{name}' already.", verb == "create" and name in admins),
            "unknown_user": (f"There is no user '{name}'.", verb == "reset-password" and name not in admins),
            "password_too_short": ("A password has at least 8 characters.", len(password) < 8),
        }
        for code, (message, applies) in refusals.items():
            if applies:
                return _json(6, {"error": {"code": code, "message": message}})
        admins[name] = password
        return _json(0, {"created": verb != "reset-password", "username": name})


def _text(content: str | Secret) -> str:
    return content.reveal() if isinstance(content, Secret) else content


def _one(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    assert found, f"no {pattern} in the Compose file"
    return found.group(1)


def _json(status: int, value: object) -> ExecResult:
    return ExecResult(status, json.dumps(value) + "\n", "")


def _admin_row(name: str) -> dict[str, object]:
    row = {"username": name, "is_active": True, "last_login_at": None, "must_change_password": False}
    return {**row, "created_at": "2026-01-01T00:00:00Z"}
