"""A new data root from a backup: the same, or nothing; and again after it was cut."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from llmchat_archive import age
from llmchat_archive.errors import ArchiveError
from llmchat_archive.restore import STAGING

from tests.unit.archive.place import DATABASE, Place, contents, names


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path, encrypted=True)
    (place.data / "attachments").chmod(0o750)
    (place.data / DATABASE).chmod(0o600)
    place.data.chmod(0o700)
    return place


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "new").mkdir()
    return tmp_path / "new"


def test_a_restored_data_root_is_the_one_that_was_backed_up(place: Place, target: Path) -> None:
    sidecar = place.create()
    result = place.prepare(target, sidecar)

    assert contents(target) == contents(place.data)
    assert target.stat().st_mode == place.data.stat().st_mode
    assert (result["id"], result["schema"], result["files"]) == (sidecar.id, "0001", 2)
    assert result["rows"]["messages"] == 50
    assert result["bytes"] == sidecar.contents["bytes"]


def test_what_a_cut_restore_left_is_cleared_first(place: Place, target: Path) -> None:
    sidecar = place.create()
    (target / STAGING / "data").mkdir(parents=True)
    (target / STAGING / "data" / DATABASE).write_bytes(b"half")
    (target / "attachments").mkdir()
    (target / f"{DATABASE}-wal").write_bytes(b"old")
    place.prepare(target, sidecar)

    assert contents(target) == contents(place.data)
    assert names(target) == ["attachments", DATABASE]


def test_a_data_root_that_holds_something_is_never_touched(place: Place, target: Path) -> None:
    sidecar = place.create()
    (target / DATABASE).write_bytes(b"live")
    with pytest.raises(ArchiveError) as raised:
        place.prepare(target, sidecar)

    assert raised.value.code == "busy"
    assert contents(target)[DATABASE][1] == b"live"


def refused(place: Place, target: Path, sidecar, **changes) -> ArchiveError:
    with pytest.raises(ArchiveError) as raised:
        place.prepare(target, sidecar, **changes)
    assert not [name for name in names(target) if name != STAGING]
    return raised.value


def test_the_wrong_key_no_key_and_what_is_no_key_are_told_apart(place: Place, target: Path) -> None:
    sidecar = place.create()
    other, _ = age.new_identity()

    assert refused(place, target, sidecar, identities=[other]).code == "wrong_key"
    assert refused(place, target, sidecar, identities=[]).code == "key_missing"
    wrong = refused(place, target, sidecar, identities=[place.secret[:-1]])
    assert wrong.code == "key_missing"
    assert place.secret[:-1] not in str(wrong) + wrong.hint


def test_another_projects_backup_and_one_of_a_newer_release_are_refused(place: Place, target: Path) -> None:
    sidecar = place.create()

    assert refused(place, target, sidecar, project="other").code == "foreign"
    assert refused(place, target, sidecar, schema_head="0000").code == "schema_newer"
    assert place.prepare(target, sidecar, schema_head="0001")["schema"] == "0001"


@pytest.mark.parametrize("cut", [0.02, 0.5, 0.99])
def test_a_cut_backup_restores_nothing(place: Place, target: Path, cut: float) -> None:
    sidecar = place.create()
    path = place.store.path(sidecar)
    os.truncate(path, int(path.stat().st_size * cut))

    assert refused(place, target, sidecar).code in {"damaged", "not_an_archive"}


@pytest.mark.parametrize("encrypted", [True, False])
def test_a_flipped_bit_anywhere_restores_nothing(place: Place, target: Path, encrypted) -> None:
    place.encrypted = encrypted
    sidecar = place.create()
    path = place.store.path(sidecar)
    good = path.read_bytes()
    for part in range(20):
        content = bytearray(good)
        content[len(good) * part // 20] ^= 0x10
        path.write_bytes(content)
        assert refused(place, target, sidecar).code in {"damaged", "wrong_key", "not_an_archive", "hostile_member"}
