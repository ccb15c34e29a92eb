"""One operation at a time: ``flock`` on a file that says who holds it.

The kernel drops the lock when its holder dies, so nothing stale is ever left to break.
"""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from llmchat_deploy.errors import HostError, LockHeld
from llmchat_deploy.host.base import LockHolder, LockState
from llmchat_deploy.host.write import cannot_write

SHARED = 0o666
TRIES, PAUSE = 5, 0.02
"""How often the lock is tried, and the seconds in between: somebody who looks at it holds it for an instant."""


@contextmanager
def held_lock(path: Path, *, reason: str, project: str) -> Iterator[None]:
    """Hold the lock while the block runs; raises LockHeld, naming the holder, where somebody else has it."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
    except OSError as error:
        raise cannot_write(path, error) from error
    try:
        _take(handle, path, reason=reason, project=project)
        try:
            yield
        finally:
            os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def share(path: Path) -> None:
    """Make a lock's file and let everybody take the lock who can reach the file: who else may is the folder's matter.

    Raises HostError where it belongs to somebody else and isn't shared yet.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, SHARED)
        try:
            if os.fstat(handle).st_mode & 0o777 != SHARED:
                os.fchmod(handle, SHARED)
        finally:
            os.close(handle)
    except OSError as error:
        raise cannot_write(path, error) from error


def look(path: Path) -> LockState:
    """Return whether the lock is held and what its file says; raises HostError where the file can't be read."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return LockState(held=False)
    except OSError as error:
        raise HostError(f"The lock {path} can't be read: {error.strerror}.") from error
    try:
        held = not _try(handle, fcntl.LOCK_SH)
        holder = _parse(os.pread(handle, 4096, 0))
        own = os.fstat(handle)
    finally:
        os.close(handle)
    here = holder is not None and holder.host == socket.gethostname()
    alive = _has_open(holder.pid, (own.st_dev, own.st_ino)) if holder and here else None
    return LockState(held=held, holder=holder, here=here, alive=alive)


def _has_open(pid: int, file: tuple[int, int]) -> bool | None:
    """Say whether a process has a file open; None where only its owner may know. A number used anew isn't taken in."""
    try:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                found = link.stat()
                if (found.st_dev, found.st_ino) == file:
                    return True
    except (FileNotFoundError, ProcessLookupError):
        return False
    except PermissionError:
        return None
    return False


def _try(handle: int, how: int) -> bool:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _take(handle: int, path: Path, *, reason: str, project: str) -> None:
    try:
        for left in range(TRIES - 1, -1, -1):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not left:
                    raise
                time.sleep(PAUSE)
        os.ftruncate(handle, 0)
        os.pwrite(handle, _holder(reason).encode(), 0)
    except BlockingIOError as error:
        raise LockHeld(
            f"{project} is being worked on: {_describe(os.pread(handle, 4096, 0))}.",
            hint="Wait until it ends, then run the same command again. llmchat-deploy lock status says more.",
        ) from error
    except OSError as error:
        raise cannot_write(path, error) from error


def _holder(reason: str) -> str:
    return json.dumps(
        {
            "who": user(),
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
            "reason": reason,
        }
    )


def user() -> str:
    """Return who runs the tool; behind ``sudo``, also who called that."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a number without a name, as in a container
        name = f"user {os.geteuid()}"
    caller = os.environ.get("SUDO_USER", "")
    return f"{caller} as {name}" if caller and caller != name else name


def _parse(raw: bytes) -> LockHolder | None:
    try:
        return LockHolder(**json.loads(raw))
    except (ValueError, TypeError):  # the holder has not written its name yet
        return None


def _describe(raw: bytes) -> str:
    holder = _parse(raw)
    if holder is None:
        return "another command holds its lock"
    return f"{holder.who} on {holder.host} runs '{holder.reason}' since {holder.since} (process {holder.pid})"
