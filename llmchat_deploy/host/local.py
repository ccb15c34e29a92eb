"""This machine."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from llmchat_deploy.errors import HostError, PrerequisiteError
from llmchat_deploy.host import files, ports, web
from llmchat_deploy.host import lock as locks
from llmchat_deploy.host.base import CommandResult, LineSink, LockState, SeenStream
from llmchat_deploy.host.clock import machine_timezone
from llmchat_deploy.host.process import run_command
from llmchat_deploy.host.state_folder import owner_hint, state_folder
from llmchat_deploy.host.write import append_line, cannot_write, write_atomically
from llmchat_deploy.secret import Secret

SYSTEM_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
"""Where Debian and Ubuntu keep the certificates a machine trusts, a company's own included."""
LOCK = "lock"
PASSWORD_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # noqa: S105 - no l, I, O, 0, 1
PASSWORD_LENGTH = 20


class LocalHost:
    """Implement :class:`llmchat_deploy.host.base.Host` for the machine the tool runs on."""

    def __init__(self, project_dir: Path, project: str, *, state_root: Path | None = None) -> None:
        self._project_dir = project_dir
        self._state = state_root / project if state_root else state_folder(project)
        self._project = project

    def read_state(self, name: str) -> str | None:
        """Return a text file of the environment's state folder, or None where it isn't there."""
        try:
            return (self._state / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except OSError as error:
            path = self._state / name
            raise HostError(f"{path} can't be read: {error.strerror}.", hint=owner_hint(path)) from error
        except UnicodeDecodeError as error:
            raise HostError(
                f"{self._state / name} can't be read: it is not text.", hint="Move it aside and run the command again."
            ) from error

    def state_path(self, name: str) -> str:
        """Return the absolute path of a name in the state folder."""
        return str(self._state / name)

    def write_state(self, name: str, text: str, *, mode: int = 0o640) -> None:
        """Replace a file of the state folder: written aside, synced, renamed."""
        write_atomically(self._state / name, text.encode(), mode=mode)

    def append_state(self, name: str, line: str) -> None:
        """Add a line to a file of the state folder, and sync it; what a power cut left half stays a line of its own."""
        append_line(self._state / name, line, mode=0o640)

    def rename_state(self, name: str, to: str) -> None:
        """Give a file of the state folder another name, in place of what had it."""
        try:
            (self._state / name).replace(self._state / to)
        except OSError as error:
            raise cannot_write(self._state / to, error) from error

    def make_folder(self, path: str) -> None:
        """Make a folder (0750, whatever the umask) and those above it, unless it is there."""
        folder = Path(path)
        try:
            if not folder.is_dir():
                folder.mkdir(parents=True, exist_ok=True)
                folder.chmod(0o750)
        except OSError as error:
            raise cannot_write(folder, error) from error

    def copy_file(self, source: str, target: str, *, mode: int) -> None:
        """Copy a file: written aside, synced, renamed."""
        files.copy_file(Path(source), Path(target), mode)

    def remove(self, path: str) -> None:
        """Remove a file or a folder outside the state folder, if it is there."""
        files.remove(Path(path))

    def remove_state(self, name: str) -> None:
        """Remove a file or folder of the state folder, if it is there."""
        files.remove(self._state / name)

    def append_secrets(self, environment: str, secrets: Mapping[str, Secret]) -> None:
        """Add variables to the project's ``.env.ENVIRONMENT`` (0600, replaced atomically)."""
        from llmchat_deploy.host.env_file import append_variables  # noqa: PLC0415 - first deploy only

        append_variables(self._project_dir / f".env.{environment}", secrets)

    def port_holder(self, bind: str, port: int, *, besides: frozenset[str] = frozenset()) -> str | None:
        """Name the process that listens on ``bind:port``, or return None where the port is free."""
        return ports.holder(bind, port, besides)

    def listening_on(self, port: int) -> tuple[str, ...]:
        """Return the IP addresses at which somebody listens on a TCP port; none where that can't be seen."""
        return ports.listening_on(port)

    def ca_bundle(self, setting: str) -> str | None:
        """Return the CA bundle for builds; ``auto`` is the machine's own, so a company's proxy is trusted."""
        if setting == "auto":
            chosen = Path(os.environ.get("SSL_CERT_FILE") or SYSTEM_BUNDLE)
            return str(chosen) if chosen.is_file() else None
        if not setting:
            return None
        path = (self._project_dir / setting).resolve()
        if not path.is_file():
            raise PrerequisiteError(f"The CA bundle {setting} (build.ca_bundle) is not a file.")
        return str(path)

    def group(self) -> int:
        """Return the numeric id of this user's own group."""
        return os.getegid()

    def folder_owner(self, path: str) -> tuple[int, int, int] | None:
        """Return user id, group id and permission bits of a folder, or None where it isn't there."""
        try:
            found = Path(path).stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise HostError(f"{path} can't be looked at: {error.strerror}.") from error
        return found.st_uid, found.st_gid, found.st_mode & 0o7777

    def read_folder(self, path: str, ending: str) -> Mapping[str, str]:
        """Return the text files of a folder whose names have an ending, by name; none where there is no folder."""
        return files.read_folder(Path(path), ending)

    def folder_names(self, path: str) -> tuple[str, ...]:
        """Return the names of what a folder holds, sorted; raises HostError where it can't be read."""
        return files.folder_names(Path(path))

    def free_bytes(self, path: str) -> int:
        """Return the free space of the disk that holds ``path`` (or its nearest existing parent)."""
        place = Path(path)
        while not place.exists():
            place = place.parent
        return shutil.disk_usage(place).free

    def get(self, url: str, *, timeout: float) -> int:
        """Return the HTTP status of ``url``, asked directly; 0 where nothing answers."""
        return web.status_of(url, timeout)

    def stream(self, url: str, *, timeout: float) -> SeenStream:
        """Return how the stream of events at ``url`` came, watched for ``timeout`` seconds at most."""
        return web.stream_of(url, timeout)

    def addresses_of(self, name: str) -> tuple[str, ...]:
        """Return the IP addresses of a host name, or the address itself; none where it doesn't resolve."""
        return ports.addresses_of(name)

    def has_address(self, address: str) -> bool:
        """Whether an IP address is one of this machine's own."""
        return ports.has_address(address)

    def run(
        self,
        argv: tuple[str, ...],
        *,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        on_line: LineSink | None = None,
    ) -> CommandResult:
        """Run a command; ``env`` adds to the environment; ``on_line`` gets each line while it runs."""
        try:
            return run_command(argv, env={**os.environ, **(env or {})}, stdin=stdin, on_line=on_line)
        except FileNotFoundError as error:
            raise PrerequisiteError(
                f"The command {argv[0]} is not there.", hint="./llmchat-deploy setup installs what is missing."
            ) from error
        except (OSError, subprocess.SubprocessError) as error:
            raise HostError(f"{argv[0]} can't be started: {error}.") from error

    @contextmanager
    def lock(self, reason: str) -> Iterator[None]:
        """Hold the environment's lock; raises LockHeld with the holder where somebody else has it."""
        self._ensure_state()
        with locks.held_lock(self._state / LOCK, reason=reason, project=self._project):
            yield

    def neighbours(self) -> tuple[LocalHost, ...]:
        """Return this machine as each other environment sees it that keeps its records beside ours."""
        names = files.folder_names(self._state.parent) if self._state.parent.is_dir() else ()
        others = (name for name in names if name != self._project and (self._state.parent / name).is_dir())
        return tuple(LocalHost(self._project_dir, name, state_root=self._state.parent) for name in others)

    def lock_path(self) -> str:
        """Return the absolute path of the file that holds the environment's lock."""
        return str(self._state / LOCK)

    def share_lock(self) -> None:
        """Make the lock's file, and let a container that runs as another user take the lock too."""
        self._ensure_state()
        locks.share(self._state / LOCK)

    def lock_state(self) -> LockState:
        """Return who holds the environment's lock; takes nothing from anybody."""
        return locks.look(self._state / LOCK)

    def interrupt(self, pid: int) -> None:
        """Ask a process to stop, as Ctrl-C does; one that has just ended is fine too."""
        try:
            os.kill(pid, signal.SIGINT)
        except ProcessLookupError:
            return
        except PermissionError as error:
            raise HostError(
                f"Process {pid} belongs to somebody else.", hint="Ask them, or run this as its user or with sudo."
            ) from error

    def user(self) -> str:
        """Return who runs this command; behind ``sudo``, also who called that."""
        return locks.user()

    def name(self) -> str:
        """Return the machine's own name."""
        return socket.gethostname()

    def timezone(self) -> str:
        """Return the machine's time zone as IANA names it; ``UTC`` where nobody set one."""
        return machine_timezone()

    def now(self) -> float:
        """Return seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds of a clock that never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def new_password(self) -> Secret:
        """Return a fresh password that people can type: 20 characters, over 100 bits."""
        return Secret("".join(secrets.choice(PASSWORD_ALPHABET) for _ in range(PASSWORD_LENGTH)))

    def _ensure_state(self) -> None:
        try:
            self._state.mkdir(parents=True, exist_ok=True, mode=0o750)
        except OSError as error:
            raise cannot_write(self._state, error) from error
