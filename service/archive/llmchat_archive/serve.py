"""``llmchat-archive serve``: the container that makes backups by itself. Its loop, and what it is made of."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from llmchat_archive import prune, upload
from llmchat_archive.errors import ArchiveError
from llmchat_archive.heartbeat import Heartbeat
from llmchat_archive.job import Job
from llmchat_archive.lock import Lock
from llmchat_archive.model import Sidecar
from llmchat_archive.notify import Notifier
from llmchat_archive.retention import zone
from llmchat_archive.schedule import parse_schedule
from llmchat_archive.scheduler import Create, Jobs, Scheduler
from llmchat_archive.store import Store

EXIT_BAD_SETTINGS = 2


def main(argv: list[str]) -> int:
    """Make backups until SIGTERM or SIGINT; return the exit code. A backup that is stopped cleans up behind itself."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    try:
        if len(argv) != 2 or argv[0] != "--config":  # noqa: PLR2004 - the option and its value
            raise _no_settings("serve --config FILE is needed")
        scheduler = build(_read(Path(argv[1])), Log())
    except ArchiveError as error:
        sys.stderr.write(f"llmchat-archive: {error} {error.hint}\n")
        return EXIT_BAD_SETTINGS
    heartbeat = Heartbeat()
    try:
        scheduler.say("Waiting for the next backup.")
        while True:
            heartbeat.moved()
            time.sleep(scheduler.step())
    except KeyboardInterrupt:
        scheduler.say("Stopped.")
    return 0


def build(settings: Mapping[str, Any], log: Log) -> Scheduler:
    """Put the scheduler together as its settings say. Raises ArchiveError (bad_job)."""
    missing = [name for name in ("project", "environment", "schedule", "backups", "lock") if not settings.get(name)]
    if missing:
        raise _no_settings(f"{', '.join(missing)} missing")
    remotes = settings.get("remotes") or {}
    log.hide(_secrets(settings))
    job = Job(
        {
            **{name: settings.get(name) for name in ("project", "backups", "policy", "timezone")},
            "remotes": remotes,
            "remotes_configured": bool(remotes),
        }
    )
    return Scheduler(
        schedule=parse_schedule(str(settings["schedule"]), zone(str(settings.get("timezone") or ""))),
        drill_every=timedelta(days=int(settings.get("drill_every") or 0)),
        store=Store(Path(settings["backups"]), settings["project"]),
        jobs=Jobs(
            create=_creator(settings, log),
            upload=(lambda guard: upload.run(job, log, _now, guard=guard)) if remotes else None,
            prune=lambda: prune.run(job, log, _now),
        ),
        lock=Lock(Path(settings["lock"]), host=f"container {settings['project']}-backup"),
        messages=Notifier(
            settings["project"],
            settings["environment"],
            webhook=str(settings.get("webhook") or ""),
            ping_url=str(settings.get("ping") or ""),
        ),
        events=log,
        now=_now,
        say=log.say,
    )


class Log:
    """Lines for ``docker logs``, one an event, without the secrets it was told of."""

    def __init__(self) -> None:
        self._secrets: tuple[str, ...] = ()

    def hide(self, secrets: tuple[str, ...]) -> None:
        """Print ``***`` for these from now on."""
        self._secrets = secrets

    def say(self, text: str) -> None:
        """Print one line with the time."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        print(f"{_now():%Y-%m-%dT%H:%M:%SZ} {' '.join(text.split())}", flush=True)  # noqa: T201 - this is the log

    def warning(self, code: str, message: str) -> None:
        """Print a warning of a job."""
        self.say(f"Warning ({code}): {message}")

    def progress(self, stage: str, done: int, total: int) -> None:
        """Print nothing: a log is no place for percentages."""


def _creator(settings: Mapping[str, Any], log: Log) -> Create:
    names = ("project", "environment", "recipients", "release", "config", "versions")
    places = ("data", "database", "backups", "scratch")
    told = {name: settings.get(name) for name in (*names, *places)}

    def make(*, drill: bool) -> Sidecar:
        from llmchat_archive.create import create  # noqa: PLC0415 - brings SQLite's own library

        return create({**told, "kind": "scheduled", "label": "", "compact": False, "drill": drill}, log, _now)

    return make


def _secrets(settings: Mapping[str, Any]) -> tuple[str, ...]:
    words = [settings.get("webhook"), settings.get("ping")]
    for remote in (settings.get("remotes") or {}).values():
        words += [remote.get(name) for name in ("access_key", "secret_key", "password", "private_key")]
    return tuple(str(word) for word in words if word)


def _read(path: Path) -> dict[str, Any]:
    try:
        settings = json.loads(path.read_bytes())
    except OSError as error:
        raise _no_settings(f"{path} can't be read ({error.strerror})") from error
    except ValueError as error:
        raise _no_settings(f"{path} is no JSON") from error
    if not isinstance(settings, dict):
        raise _no_settings(f"{path} holds no object")
    return settings


def _no_settings(why: str) -> ArchiveError:
    return ArchiveError(f"The settings are wrong: {why}.", code="bad_job")


def _now() -> datetime:
    return datetime.now(UTC)


def _stop(_number: int, _frame: object) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # cleaning up is not to be stopped too
    raise KeyboardInterrupt
