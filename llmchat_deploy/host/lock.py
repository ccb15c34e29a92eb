"""One operation at a time: ``flock`` on a file that says who holds it.

The kernel drops the lock when its holder dies, so nothing stale is ever left to break.
"""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from llmchat_deploy.errors import LockHeld
from llmchat_deploy.host.write import cannot_write

SHARED = 0o666


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


def _take(handle: int, path: Path, *, reason: str, project: str) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(handle, 0)
        os.pwrite(handle, _holder(reason).encode(), 0)
    except BlockingIOError as error:
        raise LockHeld(
            f"{project} is being worked on: {_describe(os.pread(handle, 4096, 0))}.",
            hint="Wait until it ends, then run the same command again.",
        ) from error
    except OSError as error:
        raise cannot_write(path, error) from error


def _holder(reason: str) -> str:
    return json.dumps(
        {
            "who": _user(),
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
            "reason": reason,
        }
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a number without a name, as in a container
        return f"user {os.geteuid()}"


def _describe(raw: bytes) -> str:
    try:
        holder = json.loads(raw)
        return "{who} on {host} runs '{reason}' since {since} (process {pid})".format(**holder)
    except (ValueError, KeyError, TypeError):  # the holder has not written its name yet
        return "another command holds its lock"
