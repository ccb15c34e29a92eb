"""A world for the scheduler: a clock, a lock, jobs and listeners, by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from llmchat_archive.lock import Busy
from llmchat_archive.model import Sidecar
from llmchat_archive.schedule import parse_schedule
from llmchat_archive.scheduler import Jobs, Scheduler
from llmchat_archive.store import Store

from tests.contract.backups import NOW, Heard, make_backup

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class World:
    """A clock, a lock, jobs and listeners, by hand."""

    def __init__(
        self, store: Store, schedule: str = "every 6h", *, remotes: bool = False, drill_every: int = 7
    ) -> None:
        self.store, self.schedule, self.drill_every = store, schedule, drill_every
        self.at = NOW
        self.holder = ""
        self.made: list[bool] = []
        """One entry a run of create: with a drill?"""
        self.fail: dict[str, BaseException] = {}
        self.remotes = remotes
        self.remote_fails = False
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.pings: list[str] = []
        self.lines: list[str] = []
        self.order: list[str] = []

    def scheduler(self) -> Scheduler:
        return Scheduler(
            schedule=parse_schedule(self.schedule, ZoneInfo("Europe/Paris")),
            drill_every=timedelta(days=self.drill_every),
            store=self.store,
            jobs=Jobs(create=self._create, upload=self._upload if self.remotes else None, prune=self._prune),
            lock=self,
            messages=self,
            events=Heard(),
            now=lambda: self.at,
            say=self.lines.append,
        )

    @contextmanager
    def held(self, reason: str, *, patience: float = 0) -> Iterator[None]:
        if self.holder:
            raise Busy(self.holder)
        self.order.append(f"+{reason}")
        yield
        self.order.append(f"-{reason}")

    def tell(self, event: str, message: str, **more: Any) -> str:
        self.told.append((event, {"message": message, **more}))
        return ""

    def ping(self, how: str, message: str = "") -> str:
        self.pings.append(how)
        return ""

    def events(self) -> list[str]:
        return [event for event, _ in self.told]

    def _create(self, *, drill: bool) -> Sidecar:
        self.made.append(drill)
        if error := self.fail.pop("drill" if drill else "create", None) or self.fail.pop("any", None):
            raise error
        proven = {"proven_at": self.at.isoformat()} if drill else {}
        number = len(self.made)
        at = {"created_at": self.at.isoformat(), "verified_at": self.at.isoformat()}
        return make_backup(self.store, number, NOW - self.at, **at, **proven)

    def _upload(self, guard: Callable[[], AbstractContextManager[None]]) -> dict[str, Any]:
        with guard():
            self.order.append("uploaded")
        return {"failed": self.remote_fails}

    def _prune(self) -> dict[str, Any]:
        self.order.append("pruned")
        return {"failed": False, "backups": []}
