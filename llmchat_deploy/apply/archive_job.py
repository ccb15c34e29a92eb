"""Run a job on the backups in a container of the backend's image, and read what it tells while it works."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from typing import Any

from llmchat_deploy.apply.meter import Meter
from llmchat_deploy.engine import helper
from llmchat_deploy.engine.base import Engine
from llmchat_deploy.errors import ArchiveFailed
from llmchat_deploy.host.base import CommandResult, Host
from llmchat_deploy.secret import Secret

LAST_LINES = 15
INTERRUPTED = (130, 143)
"""Exit statuses of a job that was told to stop and cleaned up behind itself."""

Job = dict[str, Any]


class JobRunner:
    """Runs jobs of one environment, one after the other, under its lock."""

    def __init__(self, host: Host, engine: Engine, image: str, masked: Callable[[str], str]) -> None:
        self._host, self._engine, self._image, self._masked = host, engine, image, masked

    def run(
        self,
        verb: str,
        job: Job,
        mounts: tuple[helper.Mount, ...],
        progress: Callable[[str], None],
        *,
        network: bool = False,
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Run a job; return its result and its warnings. Raises ArchiveFailed with the reason it gave.

        Secrets in ``job`` stay :class:`Secret` up to here: they are revealed into the job's standard input only.
        """
        for mount in mounts:
            if not mount.source.startswith("/"):
                self._engine.remove_helpers(mount.source)
        told = _Told(self._host, self._masked, progress)
        done = self._host.run(
            helper.job(self._image, verb, mounts, group=self._host.group(), network=network),
            stdin=json.dumps(job, default=_reveal).encode(),
            on_line=told.take,
        )
        if told.result is None:
            raise self._failure(verb, done, told)
        return told.result, tuple(told.warnings)

    def _failure(self, verb: str, done: CommandResult, told: _Told) -> ArchiveFailed:
        if told.error:
            said = {key: self._masked(str(told.error.get(key, ""))) for key in ("code", "message", "hint")}
            return ArchiveFailed(said["message"], code=said["code"], hint=said["hint"])
        self._engine.data_root()  # raises, where it is the engine that is gone
        killed = done.status == 137  # noqa: PLR2004 - 128 + SIGKILL
        why = "was killed (out of memory?)" if killed else f"ended with exit status {done.status}"
        return ArchiveFailed(
            f"The job '{verb}' {why}.",
            code="job_killed" if killed else "job_failed",
            hint="Nothing that was there has changed. Run the command again.",
            details=tuple(told.other),
        )


class _Told:
    """What a job has told so far: JSON lines; anything else is kept for the message of a failure."""

    def __init__(self, host: Host, masked: Callable[[str], str], progress: Callable[[str], None]) -> None:
        self._meter = Meter(host)
        self._masked, self._progress = masked, progress
        self.result: dict[str, Any] | None = None
        self.error: dict[str, Any] | None = None
        self.warnings: list[str] = []
        self.other: deque[str] = deque(maxlen=LAST_LINES)

    def take(self, line: str) -> None:
        """Take one line of either output."""
        event = _event(line)
        match event.get("event"):
            case "progress":
                self._progress(self._meter.line(str(event["stage"]), int(event["done"]), int(event["total"])))
            case "warning":
                self.warnings.append(f"{event.get('code', 'archive')}: {self._masked(str(event.get('message', '')))}")
            case "result":
                self.result = event
            case "error":
                self.error = event
            case _:
                if line.strip():
                    self.other.append(self._masked(line.rstrip()))


def _event(line: str) -> dict[str, Any]:
    if not line.startswith("{"):
        return {}
    try:
        data = json.loads(line)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _reveal(value: object) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    raise TypeError(f"{type(value).__name__} doesn't belong into a job")
