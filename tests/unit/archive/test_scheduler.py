"""The loop of scheduled backups: when it runs, what it tells, and that nothing stops it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from llmchat_archive.errors import ArchiveError
from llmchat_archive.lock import Busy
from llmchat_archive.model import Sidecar
from llmchat_archive.schedule import parse_schedule
from llmchat_archive.scheduler import Jobs, Scheduler
from llmchat_archive.store import Store

from tests.contract.backups import NOW, Heard, make_backup, store_in

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


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_in(tmp_path / "backups")


def test_a_span_begins_with_a_backup_and_then_waits(store: Store) -> None:
    world = World(store)
    loop = world.scheduler()

    assert loop.step() == 0
    assert loop.step() == 30
    assert len(world.made) == 1
    assert store.state()["next_run"] == (NOW + 6 * HOUR).isoformat()
    assert store.state()["interval_seconds"] == 6 * 3600
    world.at += timedelta(hours=5, minutes=59, seconds=50)
    assert loop.step() == 10
    world.at += timedelta(seconds=10)
    loop.step()
    assert len(world.made) == 2


def test_cron_waits_for_its_time(store: Store) -> None:
    world = World(store, "30 3 * * *")
    loop = world.scheduler()
    loop.step()
    assert world.made == []
    world.at = datetime(2026, 5, 21, 1, 30, tzinfo=UTC)

    loop.step()
    loop.step()

    assert len(world.made) == 1


def test_runs_that_were_missed_while_nothing_ran_are_made_up_for_once(store: Store) -> None:
    world = World(store, "30 3 * * *")
    store.write_state(last_run={"at": (NOW - 5 * DAY).isoformat(), "ok": True, "kind": "scheduled", "error": None})
    loop = world.scheduler()
    for _ in range(3):
        loop.step()

    assert len(world.made) == 1


def test_a_backup_is_made_under_the_lock_then_copied_then_old_ones_are_dropped(store: Store) -> None:
    world = World(store, remotes=True)
    world.scheduler().step()

    assert world.order == [
        "+scheduled backup",
        "-scheduled backup",
        "+noting copies",
        "uploaded",
        "-noting copies",
        "+dropping old backups",
        "pruned",
        "-dropping old backups",
    ]
    assert world.events() == ["drill_succeeded", "backup_succeeded"]
    assert world.pings == ["start", "success"]
    assert store.state()["last_run"] == {"at": NOW.isoformat(), "ok": True, "kind": "scheduled", "error": None}


def test_a_failure_is_told_drops_nothing_and_is_not_repeated_before_its_time(store: Store) -> None:
    world = World(store)
    world.fail["any"] = ArchiveError("There is no room left.", code="no_space")
    loop = world.scheduler()
    loop.step()
    loop.step()

    assert len(world.made) == 1
    assert world.order == ["+scheduled backup", "-scheduled backup"]
    assert world.told == [("backup_failed", {"message": "There is no room left.", "code": "no_space"})]
    assert world.pings == ["start", "fail"]
    assert store.state()["last_failure"] == {
        "at": NOW.isoformat(),
        "code": "no_space",
        "message": "There is no room left.",
    }
    world.at += 6 * HOUR
    loop.step()
    assert world.events()[-1] == "backup_succeeded"


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), RuntimeError("secret"), MemoryError()])
def test_no_error_ends_the_loop(store: Store, error: Exception) -> None:
    world = World(store)
    world.fail["any"] = error

    world.scheduler().step()

    assert world.events() == ["backup_failed"]
    assert "secret" not in str(world.told)


def test_a_remote_that_fails_is_told_though_the_backup_is_good(store: Store) -> None:
    world = World(store, remotes=True)
    world.remote_fails = True
    world.scheduler().step()

    assert world.events() == ["drill_succeeded", "backup_failed"]
    assert world.told[-1][1]["code"] == "remote_failed"
    assert "is good on this machine" in world.told[-1][1]["message"]
    assert "pruned" in world.order
    assert world.pings == ["start", "fail"]
    assert store.state()["last_success"]["at"] == NOW.isoformat()


def test_a_deploy_that_runs_is_waited_for_and_named_once(store: Store) -> None:
    world = World(store)
    world.holder = "root on host with 'up' since noon"
    loop = world.scheduler()

    assert [loop.step(), loop.step()] == [10, 10]
    assert world.made == []
    assert len([line for line in world.lines if "root on host with 'up'" in line]) == 1
    world.holder = ""
    loop.step()
    assert len(world.made) == 1


def test_a_run_that_is_stopped_is_made_up_for_after_the_next_start(store: Store) -> None:
    world = World(store)
    world.fail["any"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        world.scheduler().step()
    assert world.events() == []

    world.scheduler().step()

    assert world.events()[-1] == "backup_succeeded"


def test_a_run_that_was_killed_is_told_at_the_next_start_and_not_repeated_at_once(store: Store) -> None:
    world = World(store)
    store.write_state(last_run={"at": NOW.isoformat(), "ok": False, "kind": "scheduled", "error": "interrupted"})
    loop = world.scheduler()
    loop.step()
    world.scheduler()

    assert world.events() == ["backup_failed"]
    assert "was killed" in world.told[0][1]["message"]
    assert world.made == []


def test_the_first_backup_is_restored_on_trial_then_one_every_few_days(store: Store) -> None:
    world = World(store, "every 1d", drill_every=3)
    loop = world.scheduler()
    for _ in range(7):
        loop.step()
        world.at += DAY

    assert world.made == [True, False, False, True, False, False, True]
    assert store.state()["last_drill"]["ok"] is True


def test_no_trials_where_none_are_wanted(store: Store) -> None:
    world = World(store, drill_every=0)
    world.scheduler().step()

    assert world.made == [False]


def test_a_trial_that_fails_is_told_leaves_a_backup_and_is_tried_again_next_time(store: Store) -> None:
    world = World(store)
    world.fail["drill"] = ArchiveError("The service did not start.", code="drill_failed")
    loop = world.scheduler()
    loop.step()

    assert world.made == [True, False]
    assert world.events() == ["drill_failed", "backup_succeeded"]
    assert world.pings == ["start", "fail", "success"]
    assert store.state()["last_drill"]["ok"] is False
    world.at += 6 * HOUR
    loop.step()
    assert world.made == [True, False, True]


def test_a_backup_that_is_too_old_is_told_once_a_day(store: Store) -> None:
    world = World(store)
    make_backup(store, 1, 11 * HOUR)
    make_backup(store, 2, HOUR, verified_at=None)
    store.write_state(last_run={"at": NOW.isoformat(), "ok": False, "kind": "scheduled", "error": "x"})
    loop = world.scheduler()
    loop.step()
    assert world.events() == []
    world.holder = "a deploy that never ends"
    for _ in range(30 * 12):
        world.at += timedelta(minutes=5)
        loop.step()

    assert world.events() == ["backup_too_old"] * 2
    assert "2026-05-20 01:00" in world.told[0][1]["message"]


def test_where_there_never_was_a_backup_that_is_told_too(store: Store) -> None:
    world = World(store)
    world.holder = "a deploy that never ends"
    loop = world.scheduler()
    loop.step()
    world.at += 13 * HOUR
    loop.step()

    assert world.events() == ["backup_too_old"]
    assert "no verified backup" in world.told[0][1]["message"]


def test_a_state_that_cannot_be_written_does_not_make_it_run_in_circles(store: Store) -> None:
    (store.folder / "chat.state").mkdir()
    world = World(store)
    world.fail["any"] = OSError(28, "No space left on device")
    loop = world.scheduler()
    for _ in range(5):
        loop.step()

    assert len(world.made) == 1


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["every 6h", "30 3 * * *"]), st.lists(st.integers(-400 * 24, 400 * 24), min_size=1, max_size=4))
def test_whatever_the_clock_did_a_backup_is_made_within_a_day_of_its_coming_right(
    tmp_path_factory: pytest.TempPathFactory, schedule: str, jumps: list[int]
) -> None:
    world = World(store_in(tmp_path_factory.mktemp("clock")), schedule)
    world.at = NOW + jumps[0] * HOUR
    loop = world.scheduler()
    for hours in jumps:
        world.at = NOW + hours * HOUR
        loop.step()
    world.at, before = NOW, len(world.made)
    for _ in range(25):
        loop.step()
        world.at += HOUR

    assert len(world.made) > before
