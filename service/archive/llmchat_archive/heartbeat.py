"""A sign of life of the scheduler, and the question for it: ``llmchat-archive health``."""

from __future__ import annotations

import contextlib
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

FILE = Path(tempfile.gettempdir(), "llmchat-archive.alive")
"""In the container's own tmpfs."""
EVERY = 15.0
STALE = 120.0
LONGEST_JOB = 12 * 3600.0
"""Seconds after which one pass of the loop counts as hanging: a backup and its copies, slow ones too."""


def boot_time() -> float:
    """Return the seconds since the machine started: nothing sets this clock, and all processes see the same."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Heartbeat:
    """Writes the time into a file again and again, from a thread, while the loop moves on."""

    def __init__(self, file: Path = FILE, *, clock: Callable[[], float] = boot_time, every: float = EVERY) -> None:
        self._file, self._clock, self._every = file, clock, every
        self._moved = clock()
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()

    def moved(self) -> None:
        """Say that the loop has begun another pass."""
        self._moved = self._clock()

    def _beat(self) -> None:
        while self._clock() - self._moved < LONGEST_JOB:
            with contextlib.suppress(OSError):  # no room for a moment: the next beat counts
                aside = self._file.with_suffix(".new")
                aside.write_text(str(self._clock()), encoding="ascii")
                aside.replace(self._file)
            time.sleep(self._every)


def is_alive(file: Path = FILE, *, clock: Callable[[], float] = boot_time) -> bool:
    """Return whether the scheduler gave a sign of life lately."""
    try:
        return 0 <= clock() - float(file.read_text(encoding="ascii") or "nan") < STALE
    except (OSError, ValueError):
        return False


def main(_argv: list[str]) -> int:
    """Return 0 where the scheduler is alive, else 1: the container's health check."""
    return 0 if is_alive() else 1
