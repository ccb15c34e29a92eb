"""A machine with files and commands, as the tool sees it.

Reading and writing are separate types, so that observing and planning can't change anything: mypy proves it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from llmchat_deploy.secret import Secret

LineSink = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a command left: its exit status and what it printed."""

    status: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class SeenStream:
    """A stream of the service as it came: its HTTP status (0: nothing answered), and each event's two times.

    Both in seconds: ``sent`` by the service's clock since its first event, ``arrived`` by this machine's since asking.
    """

    status: int
    sent: tuple[float, ...] = ()
    arrived: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class LockHolder:
    """Who holds a lock: a person on a machine, since when (ISO 8601, UTC) and for what."""

    who: str
    host: str
    pid: int
    since: str
    reason: str


@dataclass(frozen=True, slots=True)
class LockState:
    """The environment's lock: whether it is held, and what its file says of the one who took it last.

    A record that is left while nobody holds the lock is a dead holder's: it keeps nobody out.
    """

    held: bool
    holder: LockHolder | None = None
    here: bool = False
    """Whether the holder is a process of this machine, and not in a container or elsewhere."""
    alive: bool | None = None
    """Whether that process lives and has the lock's file open; None where this user can't know."""


class HostReader(Protocol):
    """What observing may ask of a machine."""

    def read_state(self, name: str) -> str | None:
        """Return a text file of the environment's state folder, or None where it isn't there."""

    def state_path(self, name: str) -> str:
        """Return the absolute path of a name in the state folder."""

    def neighbours(self) -> tuple[HostReader, ...]:
        """Return this machine as each other environment sees it; raises HostError where they can't be looked at."""

    def lock_path(self) -> str:
        """Return the absolute path of the file that holds the environment's lock."""

    def lock_state(self) -> LockState:
        """Return who holds the environment's lock; takes nothing from anybody."""

    def user(self) -> str:
        """Return who runs this command."""

    def name(self) -> str:
        """Return the machine's own name."""

    def timezone(self) -> str:
        """Return the machine's time zone as IANA names it; ``UTC`` where nobody set one."""

    def port_holder(self, bind: str, port: int, *, besides: frozenset[str] = frozenset()) -> str | None:
        """Name the process that keeps ``bind:port`` from being used, or return None where it is free.

        What listens on one of the addresses ``besides`` doesn't count: it gives the port up before.
        """

    def listening_on(self, port: int) -> tuple[str, ...]:
        """Return the IP addresses at which somebody listens on a TCP port; none where that can't be seen."""

    def ca_bundle(self, setting: str) -> str | None:
        """Return the path of the CA bundle for builds: the given file, or for ``auto`` the machine's own, if any."""

    def group(self) -> int:
        """Return the numeric id of this user's own group."""

    def folder_owner(self, path: str) -> tuple[int, int, int] | None:
        """Return user id, group id and permission bits of a folder, or None where it isn't there."""

    def read_folder(self, path: str, ending: str) -> Mapping[str, str]:
        """Return the text files of a folder whose names have an ending, by name; none where there is no folder."""

    def folder_names(self, path: str) -> tuple[str, ...]:
        """Return the names of what a folder holds, sorted; raises HostError where it can't be read."""

    def free_bytes(self, path: str) -> int:
        """Return the free space of the disk that holds ``path``."""

    def get(self, url: str, *, timeout: float) -> int:
        """Return the HTTP status of ``url``; 0 where nothing answers in ``timeout`` seconds."""

    def stream(self, url: str, *, timeout: float) -> SeenStream:
        """Return how the stream of events at ``url`` came, watched for ``timeout`` seconds at most."""

    def addresses_of(self, name: str) -> tuple[str, ...]:
        """Return the IP addresses of a host name, or the address itself; none where it doesn't resolve."""

    def has_address(self, address: str) -> bool:
        """Whether an IP address is one of this machine's own."""

    def now(self) -> float:
        """Return seconds since the epoch."""

    def monotonic(self) -> float:
        """Return seconds of a clock that never goes back."""


class Host(HostReader, Protocol):
    """What applying may do to a machine."""

    def write_state(self, name: str, text: str, *, mode: int = 0o640) -> None:
        """Replace a file of the state folder: written aside, synced, renamed."""

    def append_state(self, name: str, line: str) -> None:
        """Add a line to a file of the state folder, and sync it; what a power cut left half stays a line of its own."""

    def rename_state(self, name: str, to: str) -> None:
        """Give a file of the state folder another name, in place of what had it."""

    def make_folder(self, path: str) -> None:
        """Make a folder (0750) and those above it, unless it is there."""

    def copy_file(self, source: str, target: str, *, mode: int) -> None:
        """Copy a file: written aside, synced, renamed."""

    def remove(self, path: str) -> None:
        """Remove a file or a folder outside the state folder, if it is there."""

    def remove_state(self, name: str) -> None:
        """Remove a file or folder of the state folder, if it is there."""

    def append_secrets(self, environment: str, secrets: Mapping[str, Secret]) -> None:
        """Add variables to the project's ``.env.ENVIRONMENT`` (0600, replaced atomically)."""

    def run(
        self,
        argv: tuple[str, ...],
        *,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        on_line: LineSink | None = None,
    ) -> CommandResult:
        """Run a command; ``env`` adds to the environment; ``on_line`` gets each line while it runs."""

    def lock(self, reason: str) -> AbstractContextManager[None]:
        """Hold the environment's lock; raises LockHeld with the holder where somebody else has it."""

    def share_lock(self) -> None:
        """Make the lock's file, and let a container that runs as another user take the lock too."""

    def interrupt(self, pid: int) -> None:
        """Ask a process to stop, as Ctrl-C does; raises HostError where this user may not."""

    def sleep(self, seconds: float) -> None:
        """Wait."""

    def new_password(self) -> Secret:
        """Return a fresh password that people can type: 20 characters, over 100 bits."""
