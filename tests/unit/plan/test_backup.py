"""The plan of scheduled backups."""

from __future__ import annotations

import json

import pytest

from tests.unit.world import World, an_environment

SCHEDULED = an_environment(backup__schedule="30 3 * * *")


@pytest.fixture
def scheduled() -> World:
    world = World()
    world.up(SCHEDULED)
    return world


def test_backups_start_once_the_service_serves() -> None:
    lines = str(World().plan(SCHEDULED)).splitlines()
    start = next(number for number, line in enumerate(lines) if "start backup" in line)
    assert lines[start - 4 : start + 2] == [
        "~ check the page and the API (the way a browser comes)",
        f"+ create volume {lines[start - 3].split()[3]} (the backups read their settings there)",
        f"+ put backup.json into {lines[start - 3].split()[3]} (keys are files, never variables)",
        "~ make the backups folder ready (they are written as the backend's user)",
        "+ start backup (not there yet)",
        "~ wait for backup (a schedule that nobody keeps is worse than none)",
    ]
    assert "+ create volume llmchat-test_scratch (holds a copy of the database while it is packed)" in lines[:start]


def test_folder_and_lock_are_ready_for_the_container(scheduled: World) -> None:
    assert scheduled.host.folders["/state/backups"] == (10001, 0, 0o2770)
    assert scheduled.host.lock_is_shared
    assert scheduled.engine.boxes["llmchat-test-backup"].runs


def test_nothing_is_left_to_do_then(scheduled: World) -> None:
    assert scheduled.plan(SCHEDULED).is_empty


def test_another_policy_replaces_the_container_and_nothing_else(scheduled: World) -> None:
    changed = an_environment(backup__schedule="30 3 * * *", backup__keep_daily=30)
    lines = str(scheduled.plan(changed)).splitlines()
    assert "+ start backup (its settings changed)" in lines
    assert not [line for line in lines if "(slot" in line or " edge" in line]
    assert lines[-1].startswith("- remove volume llmchat-test_keys-")
    scheduled.up(changed)
    assert scheduled.plan(changed).is_empty


def test_restored_data_is_what_is_backed_up_from_then_on(scheduled: World) -> None:
    record = {"current": 2, "staging": None, "previous": []}
    scheduled.host.state["data.json"] = json.dumps(record)
    scheduled.engine.create_volume("llmchat-test_backend-db-g2", "llmchat-test", "data")
    assert "+ start backup (its settings changed)" in str(scheduled.plan(SCHEDULED))


def test_a_container_that_stopped_is_started_again(scheduled: World) -> None:
    scheduled.engine.stop_by_hand("llmchat-test-backup")
    assert "+ start backup (it is exited)" in str(scheduled.plan(SCHEDULED))


def test_without_the_schedule_the_container_and_its_keys_go(scheduled: World) -> None:
    lines = str(scheduled.plan(an_environment())).splitlines()
    assert lines[-2:] == [
        "- stop backup (the environment has it no more)",
        f"- remove volume {lines[-1].split()[3]} (its keys are replaced)",
    ]
    scheduled.up(an_environment())
    assert "llmchat-test-backup" not in scheduled.engine.boxes
    assert scheduled.plan(an_environment()).is_empty


def test_down_stops_it_and_leaves_the_backups(scheduled: World) -> None:
    scheduled.down(SCHEDULED, volumes=True)
    assert not scheduled.engine.boxes
    assert not scheduled.engine.volume_projects
    assert "/state/backups" in scheduled.host.folders
