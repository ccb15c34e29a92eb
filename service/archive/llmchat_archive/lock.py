"""The lock that the command line on the host holds while it works: a file that both sides see, and ``flock``.

Who holds it writes its name into it, in the form that ``llmchat_deploy/host/lock.py`` writes and shows.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from llmchat_archive.errors import ArchiveError

LONGEST_NAME = 4096


class Busy(ArchiveError):
    """Somebody else holds the lock; ``holder`` says who."""

    def __init__(self, holder: str) -> None:
        super().__init__(f"{holder} is at work.", code="busy", hint="It is waited for.")
        self.holder = holder


@dataclass(frozen=True, slots=True)
class Lock:
    """The lock's file, and how it is waited for."""

    path: Path
    host: str
    """What this side is called in the file."""
    sleep: Callable[[float], None] = time.sleep
    pause: float = 2.0

    @contextmanager
    def held(self, reason: str, *, patience: float = 0) -> Iterator[None]:
        """Hold the lock while the block runs; wait for it up to ``patience`` seconds.

        The kernel drops it when the holder dies. Raises Busy, and ArchiveError (write_failed) where the file can't be
        opened.
        """
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)  # the host makes it: one made here would be another
        except OSError as error:
            raise ArchiveError(
                f"The lock {self.path} can't be opened: {error.strerror}.", code="write_failed"
            ) from error
        try:
            self._take(handle, reason, patience)
            try:
                yield
            finally:
                with suppress(OSError):
                    os.ftruncate(handle, 0)
        finally:
            os.close(handle)

    def _take(self, handle: int, reason: str, patience: float) -> None:
        until = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise Busy(_holder(os.pread(handle, LONGEST_NAME, 0))) from None
                self.sleep(self.pause)
                continue
            except OSError as error:  # a file system that has no locks
                raise ArchiveError(
                    f"The lock {self.path} can't be taken: {error.strerror}.", code="write_failed"
                ) from error
            with suppress(OSError):  # a full disk: the lock holds, only nobody can read whose it is
                os.ftruncate(handle, 0)
                os.pwrite(handle, self._name(reason), 0)
            return

    def _name(self, reason: str) -> bytes:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        name = {"who": "backup", "host": self.host, "pid": os.getpid(), "since": since, "reason": reason}
        return json.dumps(name).encode()


def _holder(raw: bytes) -> str:
    try:
        return "{who} on {host} with '{reason}' since {since}".format(**json.loads(raw))
    except (ValueError, KeyError, TypeError):  # it has not written its name yet
        return "another command"
