"""A machine and a Docker engine in memory: hand-written, complete for what the tool asks of them.

Both count their writes on one :class:`Tape`, which can kill the run at any of them: that is how the tests
prove that a deploy that was cut anywhere is finished by the next one.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from llmchat_deploy.config.addresses import as_ip
from llmchat_deploy.errors import LockHeld
from llmchat_deploy.host.base import CommandResult, LineSink, LockHolder, LockState, SeenStream
from llmchat_deploy.secret import Secret
from tests.fake_archive import FakeArchive
from tests.fake_engine import FakeEngine, RunOnce
from tests.fake_tape import Killed, Tape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["FakeEngine", "FakeHost", "Killed", "RunOnce", "Tape"]


@dataclass
class FakeHost:
    """A machine in memory; ``docker build`` and ``docker compose`` act on the fake engine."""

    engine: FakeEngine = field(default_factory=FakeEngine)
    state: dict[str, str] = field(default_factory=dict)
    modes: dict[str, int] = field(default_factory=dict)
    env_files: dict[str, dict[str, Secret]] = field(default_factory=dict)
    ports: dict[int, str] = field(default_factory=dict)
    listeners: dict[int, dict[str, str]] = field(default_factory=dict)
    """Port -> address -> who listens there."""
    http: dict[str, int] = field(default_factory=dict)
    streams: dict[str, list[SeenStream]] = field(default_factory=dict)
    """URL -> how its stream comes, time after time; the last one stays."""
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Host name -> its addresses."""
    own_addresses: set[str] = field(default_factory=lambda: {"127.0.0.1", "192.168.1.100"})
    free: int = 100 * 2**30
    clock: float = 1_800_000_000.0
    held_by: LockHolder | None = None
    lock_alive: bool | None = True
    lock_is_left: bool = False
    """``held_by`` is only what a dead holder left behind."""
    interrupted: list[int] = field(default_factory=list)
    stubborn: bool = False
    """The holder of the lock ignores that it is to stop."""
    locked: bool = False
    reasons: list[str] = field(default_factory=list)
    """What the lock was taken for, one after another."""
    lock_is_shared: bool = False
    zone: str = "UTC"
    passwords: int = 0
    folders: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    """Path of a folder outside the state -> user, group, mode."""
    texts: dict[str, str] = field(default_factory=dict)
    """Path of a file outside the state -> its text."""
    neighbours_: list[FakeHost] = field(default_factory=list)
    archive: FakeArchive = field(init=False)
    commands: list[tuple[str, ...]] = field(default_factory=list)
    failing: dict[str, CommandResult] = field(default_factory=dict)
    """Beginning of a command line -> what it leaves instead."""
    build_lines: tuple[str, ...] = ("#1 [1/2] FROM base", "#2 [2/2] RUN /base/apt-install python3")

    def __post_init__(self) -> None:
        self.archive = FakeArchive(self.engine)

    @property
    def tape(self) -> Tape:
        return self.engine.tape

    def read_state(self, name: str) -> str | None:
        return self.state.get(name)

    def state_path(self, name: str) -> str:
        return f"/state/{name}"

    def neighbours(self) -> tuple[FakeHost, ...]:
        return tuple(self.neighbours_)

    def lock_path(self) -> str:
        return "/state/lock"

    def timezone(self) -> str:
        return self.zone

    def port_holder(self, bind: str, port: int, *, besides: frozenset[str] = frozenset()) -> str | None:
        elsewhere = self.listeners.get(port, {}).items()
        found = (name for address, name in elsewhere if address not in besides and bind in (address, "0.0.0.0"))  # noqa: S104
        return self.ports.get(port) or next(found, None)

    def listening_on(self, port: int) -> tuple[str, ...]:
        return tuple(self.listeners.get(port, ()))

    def ca_bundle(self, setting: str) -> str | None:
        return None if setting == "auto" else setting or None

    def group(self) -> int:
        return 0

    def folder_owner(self, path: str) -> tuple[int, int, int] | None:
        return self.folders.get(path) or ((10001, 0, 0o640) if path in self.texts else None)

    def read_folder(self, path: str, ending: str) -> dict[str, str]:
        names = {name: text for name, text in self.texts.items() if name.startswith(f"{path}/")}
        return {name.removeprefix(f"{path}/"): text for name, text in names.items() if name.endswith(ending)}

    def folder_names(self, path: str) -> tuple[str, ...]:
        return tuple(sorted(name.removeprefix(f"{path}/") for name in self.texts if name.startswith(f"{path}/")))

    def free_bytes(self, path: str) -> int:
        return self.free

    def get(self, url: str, *, timeout: float) -> int:
        edges = (box for box in self.engine.boxes.values() if box.service == "edge" and box.runs)
        return self.http.get(url, 200 if any(edges) else 0)

    def stream(self, url: str, *, timeout: float) -> SeenStream:
        found = self.streams.get(url, [SeenStream(404)])
        return found.pop(0) if len(found) > 1 else found[0]

    def addresses_of(self, name: str) -> tuple[str, ...]:
        return self.names.get(name, (name,) if as_ip(name) else ())

    def has_address(self, address: str) -> bool:
        return address in self.own_addresses

    def now(self) -> float:
        return self.clock

    def monotonic(self) -> float:
        return self.clock

    def sleep(self, seconds: float) -> None:
        self.clock += seconds

    def write_state(self, name: str, text: str, *, mode: int = 0o640) -> None:
        with self.tape.write(f"write {name}"):
            self.state[name], self.modes[name] = text, mode

    def append_state(self, name: str, line: str) -> None:
        with self.tape.write(f"append {name}"):
            self.state[name] = self.state.get(name, "") + line + "\n"

    def rename_state(self, name: str, to: str) -> None:
        with self.tape.write(f"rename {name} to {to}"):
            self.state[to] = self.state.pop(name)

    def make_folder(self, path: str) -> None:
        with self.tape.write(f"make folder {path}"):
            self.folders.setdefault(path, (0, 0, 0o750))

    def copy_file(self, source: str, target: str, *, mode: int) -> None:
        with self.tape.write(f"copy {source} to {target}"):
            self.texts[target] = self.texts.get(source, "")

    def remove(self, path: str) -> None:
        with self.tape.write(f"remove {path}"):
            self.folders.pop(path, None)
            for name in [name for name in self.texts if name == path or name.startswith(f"{path}/")]:
                del self.texts[name]

    def remove_state(self, name: str) -> None:
        with self.tape.write(f"remove {name}"):
            for key in [key for key in self.state if key == name or key.startswith(f"{name}/")]:
                del self.state[key]

    def append_secrets(self, environment: str, secrets: Mapping[str, Secret]) -> None:
        with self.tape.write(f"save secrets {environment}"):
            self.env_files.setdefault(environment, {}).update(secrets)

    def run(
        self,
        argv: tuple[str, ...],
        *,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        on_line: LineSink | None = None,
    ) -> CommandResult:
        line = " ".join(argv)
        self.commands.append(argv)
        for beginning, result in self.failing.items():
            if line.startswith(beginning):
                _tell(on_line, tuple(result.stdout.splitlines()))
                return result
        if argv[:2] == ("docker", "run") and "llmchat-archive" in argv:
            return self.archive.run(argv, stdin, on_line)
        if argv[:2] == ("docker", "run") and "/backups" in line:
            with self.tape.write("hand over the backups folder"):
                path = line.partition("source=")[2].partition(",")[0]
                self.folders[path] = (10001, self.group(), 0o2770)
        elif argv[:2] == ("docker", "build"):
            with self.tape.write(f"build {_after(argv, '-t', '--tag')}"):
                _tell(on_line, self.build_lines)
                labels = dict(value.split("=") for flag, value in pairwise(argv) if flag == "--label")
                self.engine.built(_after(argv, "-t", "--tag"), labels["llmchat.built-by"], self.clock)
        elif argv[:3] == ("docker", "compose", "version"):
            return CommandResult(0, "2.26.1\n", "")
        elif argv[:2] == ("docker", "compose"):
            self._compose(argv, dict(env or {}))
        elif "make-base" in line:
            with self.tape.write("make base"):
                self.engine.built(argv[1], "", self.clock)
        return CommandResult(0, "", "")

    @contextmanager
    def lock(self, reason: str) -> Iterator[None]:
        if self.held_by and not self.lock_is_left:
            raise LockHeld(f"{self.held_by.who} holds the lock: {self.held_by.reason}.")
        assert not self.locked, "the lock is not re-entrant"
        self.locked = True
        self.reasons.append(reason)
        try:
            yield
        finally:
            self.locked = False

    def lock_state(self) -> LockState:
        here = self.held_by is not None and self.held_by.host == self.name()
        alive = None if not here else False if self.lock_is_left else self.lock_alive
        held = self.locked or (self.held_by is not None and not self.lock_is_left)
        return LockState(held, self.held_by, here=here, alive=alive)

    def interrupt(self, pid: int) -> None:
        with self.tape.write(f"interrupt {pid}"):
            self.interrupted.append(pid)
            if not self.stubborn:
                self.held_by = None

    def user(self) -> str:
        return "operator"

    def name(self) -> str:
        return "chat-server"

    def share_lock(self) -> None:
        with self.tape.write("share the lock"):
            self.lock_is_shared = True

    def new_password(self) -> Secret:
        self.passwords += 1
        return Secret(f"made-up-password-{self.passwords}")

    def _compose(self, argv: tuple[str, ...], env: dict[str, str]) -> None:
        files = [self.state[path.removeprefix("/state/")] for flag, path in pairwise(argv) if flag in {"-f", "--file"}]
        if "up" in argv:
            with self.tape.write(f"compose up {_after(argv, '-p', '--project-name')}"):
                for text in files:
                    self.engine.start(text, env.get("SLOT", ""))


def _tell(on_line: LineSink | None, lines: tuple[str, ...]) -> None:
    if on_line:
        for line in lines:
            on_line(line)


def _after(argv: tuple[str, ...], *flags: str) -> str:
    return next((value for flag, value in pairwise(argv) if flag in flags), "")
