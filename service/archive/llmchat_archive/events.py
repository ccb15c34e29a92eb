"""What a job tells while it works."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from threading import Lock
from time import monotonic
from typing import Any, Protocol, TextIO

SECONDS_BETWEEN = 0.25
"""Progress is told four times a second at most."""


class Events(Protocol):
    """Takes what a job tells."""

    def progress(self, stage: str, done: int, total: int) -> None:
        """Tell that ``done`` of ``total`` bytes of a stage are through."""
        ...

    def warning(self, code: str, message: str) -> None:
        """Tell what didn't stop the job but somebody should know."""
        ...


class Silent:
    """Implement :class:`Events` for whoever has nobody to tell."""

    def progress(self, stage: str, done: int, total: int) -> None:
        """Say nothing."""

    def warning(self, code: str, message: str) -> None:
        """Say nothing."""


class JsonLines:
    """Implement :class:`Events` with one JSON object a line. Threads may share it.

    A stage's first and last step are always told, steps between them now and then.
    """

    def __init__(self, output: TextIO, clock: Callable[[], float] = monotonic) -> None:
        self._output, self._clock = output, clock
        self._lock = Lock()
        self._stage, self._told_at, self._told = "", 0.0, (0, 0)

    def progress(self, stage: str, done: int, total: int) -> None:
        """Tell about a step, unless another one was told just now."""
        with self._lock:
            now = self._clock()
            due = stage != self._stage or done >= total or now - self._told_at >= SECONDS_BETWEEN
            if not due or (stage == self._stage and self._told == (done, total)):
                return
            self._stage, self._told_at, self._told = stage, now, (done, total)
            self._line({"event": "progress", "stage": stage, "done": done, "total": total})

    def warning(self, code: str, message: str) -> None:
        """Tell a warning."""
        with self._lock:
            self._line({"event": "warning", "code": code, "message": message})

    def result(self, result: Mapping[str, Any]) -> None:
        """Tell the result: the last line."""
        with self._lock:
            self._line({"event": "result", **result})

    def error(self, code: str, message: str, hint: str) -> None:
        """Tell why there is no result: the last line."""
        with self._lock:
            self._line({"event": "error", "code": code, "message": message, "hint": hint})

    def _line(self, told: Mapping[str, Any]) -> None:
        self._output.write(json.dumps(told) + "\n")
        self._output.flush()
