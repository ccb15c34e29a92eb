"""The loop of scheduled backups: when it runs, what it tells, and that nothing stops it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from llmchat_archive.errors import ArchiveError
from llmchat_archive.store import Store

from tests.contract.backups import NOW, store_in
from tests.unit.archive.scheduled import DAY, HOUR, World


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


def test_a_state_that_cannot_be_written_does_not_make_it_run_in_circles(store: Store) -> None:
    (store.folder / "chat.state").mkdir()
    world = World(store)
    world.fail["any"] = OSError(28, "No space left on device")
    loop = world.scheduler()
    for _ in range(5):
        loop.step()

    assert len(world.made) == 1


@pytest.mark.slow
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


@pytest.mark.parametrize("told", [[], "x", 5, {"at": "2026-05-19T00:00:00"}, {"at": 5, "ok": "x"}])
@pytest.mark.parametrize("name", ["last_run", "last_drill", "too_old_told"])
def test_a_state_that_makes_no_sense_stops_no_backup(store: Store, name: str, told: object) -> None:
    store.write_state(**{name: told})
    world = World(store)

    world.scheduler().step()

    assert len(world.made) == 1


def test_a_sidecar_that_makes_no_sense_stops_no_backup(store: Store) -> None:
    world = World(store)
    loop = world.scheduler()
    loop.step()
    path = next(store.folder.glob("*.json"))
    path.write_text(path.read_text().replace(NOW.isoformat(), "yesterday"))
    world.at += 13 * HOUR
    loop.step()
    loop.step()

    assert len(world.made) == 2
