"""Reading backups back: each on its own, and written down."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from llmchat_archive import age

from tests.unit.archive.place import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, encrypted=True)


def test_each_backup_is_read_and_when_is_written_down(place: Place) -> None:
    first, second = place.create(), place.create()
    results = place.verify([first.id])

    assert [(result["id"], result["ok"]) for result in results] == [(first.id, True)]
    assert place.store.get(first.id).verified_at == results[0]["verified_at"] != first.verified_at
    assert place.store.get(second.id).verified_at == second.verified_at


def test_one_damaged_backup_does_not_stop_the_others_and_counts_no_more(place: Place) -> None:
    first, second, third = place.create(), place.create(), place.create()
    path = place.store.path(second)
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    results = place.verify()

    assert [(result["id"], result["ok"], result["code"]) for result in results] == [
        (first.id, True, None),
        (second.id, False, "damaged"),
        (third.id, True, None),
    ]
    assert place.store.get(second.id).verified_at is None


def test_a_wrong_key_says_nothing_about_the_backup(place: Place) -> None:
    sidecar = place.create()
    other, _ = age.new_identity()

    assert place.verify(identities=[other])[0]["code"] == "wrong_key"
    assert place.verify(identities=[])[0]["code"] == "key_missing"
    assert place.store.get(sidecar.id) == sidecar


def test_exchanged_and_missing_archives_are_found(place: Place) -> None:
    first, second = place.create(), place.create()
    shutil.copy(place.store.path(first), place.store.path(second))
    assert place.verify([second.id])[0]["code"] == "damaged"
    place.store.path(second).unlink()
    assert place.verify([second.id])[0]["code"] == "not_found"
    assert place.verify(["20260101-000000-0042"])[0]["code"] == "not_found"
    assert place.verify(["../../etc/passwd"])[0]["code"] == "not_found"
