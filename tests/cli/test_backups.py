from __future__ import annotations

import json
from datetime import timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.cli.conftest import FakeWorld, Run
from tests.fakes import FakeHost
from tests.sidecars import put

HOUR = timedelta(hours=1)
PROJECT = "llmchat-production"


@pytest.fixture
def host(world: FakeWorld) -> FakeHost:
    host = world.host(PROJECT)
    remotes = {"offsite": {"state": "confirmed"}, "nas": {"state": "failed"}}
    put(host, 1, 50 * HOUR, project=PROJECT, proven_at="2026-01-01T00:00:00+00:00", remotes=remotes)
    put(host, 2, 3 * HOUR, project=PROJECT, encrypted=False, label="before the fair", kind="manual")
    put(host, 3, HOUR / 2, project=PROJECT, archive=False)
    return host


def test_the_list(run: Run, host: FakeHost, snapshot: SnapshotAssertion) -> None:
    ran = run("backup", "list")
    assert ran.code == 0
    assert ran.out == snapshot


def test_an_empty_list_says_how_to_make_a_backup(run: Run) -> None:
    ran = run("backup", "list")
    assert ran.code == 0
    assert "Make one: llmchat-deploy backup --env production" in ran.out


def test_the_list_in_json(run: Run, host: FakeHost) -> None:
    document = run("backup", "list", "--json").document
    assert (document["command"], document["status"]) == ("backup list", "success")
    assert [item["there"] for item in document["data"]["backups"]] == [False, True, True]


def test_one_backup(run: Run, host: FakeHost, snapshot: SnapshotAssertion) -> None:
    ran = run("backup", "show", "2")
    assert ran.code == 0
    assert ran.out == snapshot


def test_a_backup_that_isnt_there_is_11(run: Run, host: FakeHost) -> None:
    ran = run("backup", "show", "77")
    assert ran.code == 11
    assert "There is no backup '77'" in ran.err


def test_what_pruning_would_do(run: Run, host: FakeHost) -> None:
    ran = run("backup", "prune", "--dry-run")
    assert ran.code == 0
    assert "daily 1 of 7" in ran.out
    assert ran.out.splitlines()[-1] == "2 backups kept, 1 would be removed."


def test_pruning(deployed: Run, host: FakeHost) -> None:
    decisions = [
        {"id": "20260101-000000-0002", "keep": True, "reasons": ["newest verified"]},
        {"id": "20260101-000000-0001", "keep": False, "reasons": ["no rule keeps it"]},
    ]
    result = {"event": "result", "backups": decisions, "remotes": {"nas": {"backups": decisions[1:]}}}
    host.archive.says["prune"] = ([result], 0)
    ran = deployed("backup", "prune")
    assert ran.code == 0
    assert "on nas" in ran.out
    assert ran.out.splitlines()[-1] == "1 backup kept, 1 removed."


@pytest.fixture
def kept(deployed: Run, world: FakeWorld, host: FakeHost) -> Run:
    """Two restores of a long time ago: the volume of the first one may go."""
    previous = [{"number": number, "replaced_at": "2020-01-01T00:00:00+00:00", "source": "old"} for number in (1, 2)]
    for number in (2, 3):
        world.engine_.create_volume(f"{PROJECT}_backend-db-g{number}", PROJECT, "data")
    host.write_state("data.json", json.dumps({"current": 3, "staging": None, "previous": previous}))
    host.archive.says["prune"] = ([{"event": "result", "backups": [], "remotes": {}}], 0)
    return deployed


def test_pruning_data_that_a_restore_kept_needs_a_yes(kept: Run, world: FakeWorld) -> None:
    ran = kept("backup", "prune")
    assert ran.code == 6
    assert f"{PROJECT}_backend-db: the accounts, conversations and attachments as they were until 2020" in ran.err
    world.interactive, world.answers = True, ["n"]
    assert kept("backup", "prune").code == 6
    assert world.engine_.volumes(PROJECT)[0].name == f"{PROJECT}_backend-db"
    ran = kept("backup", "prune", "--yes")
    assert ran.code == 0, ran.err
    assert f"- remove volume {PROJECT}_backend-db " in ran.out
    assert f"{PROJECT}_backend-db" not in {item.name for item in world.engine_.volumes(PROJECT)}
