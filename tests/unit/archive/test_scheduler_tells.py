"""Trial restores, and backups that are too old: what the scheduler tells without being asked."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from llmchat_archive.errors import ArchiveError
from llmchat_archive.store import Store

from tests.contract.backups import NOW, make_backup, store_in
from tests.unit.archive.scheduled import DAY, HOUR, World


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_in(tmp_path / "backups")


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
