"""Dropping backups of this machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from llmchat_archive.job import Job
from llmchat_archive.prune import run
from llmchat_archive.store import Store

from tests.contract.backups import NOW, Heard, make_backup, store_in

DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_in(tmp_path / "backups")


def prune(store: Store, heard: Heard | None = None, **job: Any) -> dict[str, Any]:
    told = {"project": store.project, "backups": str(store.folder), "policy": {"last": 1}, "timezone": "UTC"}
    return run(Job({**told, **job}), heard or Heard(), lambda: NOW)


def numbers(store: Store) -> list[int]:
    return [sidecar.sequence for sidecar in store.sidecars()]


def test_what_no_rule_keeps_is_gone_with_its_sidecar_and_told(store: Store) -> None:
    for sequence in (1, 2, 3):
        make_backup(store, sequence, (3 - sequence) * DAY)

    result = prune(store)

    assert [(item["id"][-4:], item["keep"]) for item in result["backups"]] == [
        ("0003", True),
        ("0002", False),
        ("0001", False),
    ]
    assert result["backups"][1]["reasons"] == ["no rule keeps it"]
    assert result["failed"] is False
    assert {path.name[-12:] for path in store.folder.iterdir()} == {"0003.tar.zst", "00-0003.json"}


def test_a_dry_run_drops_nothing(store: Store) -> None:
    for sequence in (1, 2):
        make_backup(store, sequence, (2 - sequence) * DAY)

    assert [item["keep"] for item in prune(store, dry_run=True)["backups"]] == [True, False]
    assert numbers(store) == [1, 2]


def test_with_remotes_only_what_one_of_them_has_is_dropped(store: Store) -> None:
    first = make_backup(store, 1, 3 * DAY)
    there = {"state": "confirmed", "sha256": first.sha256}
    store.update(replace(first, remotes={"a": {"state": "failed"}, "b": there}))
    make_backup(store, 2, 2 * DAY, remotes={"a": {"state": "failed"}})
    make_backup(store, 3, 8 * DAY, verified_at=None)
    make_backup(store, 4, DAY)

    result = prune(store, remotes_configured=True)

    assert numbers(store) == [2, 4]
    assert result["backups"][2]["reasons"] == ["no remote has confirmed it yet"]


def test_a_clock_that_is_behind_is_told_and_drops_nothing(store: Store) -> None:
    heard = Heard()
    for sequence in (1, 2):
        make_backup(store, sequence, -sequence * DAY)

    prune(store, heard)

    assert numbers(store) == [1, 2]
    assert [code for code, _ in heard.warnings] == ["clock_behind"]


def test_other_projects_in_the_folder_are_left_alone(store: Store) -> None:
    other = store_in(store.folder, "chat-staging")
    for sequence in (1, 2):
        make_backup(other, sequence, (2 - sequence) * DAY)
    make_backup(store, 1, DAY)

    prune(store)

    assert numbers(other) == [1, 2]


def test_a_sidecar_that_cannot_be_read_is_told_and_left_alone(store: Store) -> None:
    heard = Heard()
    broken = store.folder / "chat-20260101-000000-0001.json"
    broken.write_text("{")
    make_backup(store, 2, DAY)

    prune(store, heard)

    assert broken.exists()
    assert [code for code, _ in heard.warnings] == ["sidecar_unreadable"]
