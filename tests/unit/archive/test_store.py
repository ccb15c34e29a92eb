"""A folder of backups: what is in it, in which order, and that nothing in it is ever half there."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from llmchat_archive.errors import ArchiveError
from llmchat_archive.model import Sidecar
from llmchat_archive.store import Store

from tests.sidecars import told

PROJECT = "llmchat-test"
AT = datetime(2026, 11, 25, 3, 31, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path, PROJECT)


def sidecar(sequence: int, at: datetime = AT, **changes: Any) -> Sidecar:
    return Sidecar.from_json(told(sequence, at, **changes))


def put(store: Store, sequence: int, at: datetime = AT, **changes: Any) -> Sidecar:
    there = sidecar(sequence, at, **changes)
    part = store.begin(there.id, encrypted=there.encrypted)
    part.write_bytes(b"archive")
    store.commit(part, there)
    return there


def names(store: Store) -> list[str]:
    return sorted(path.name for path in store.folder.iterdir() if ".state" not in path.suffixes)


def test_the_order_is_that_of_the_numbers_whatever_the_clock_said(store: Store) -> None:
    late, early = put(store, 1, AT.replace(year=2031)), put(store, 2, AT.replace(year=1999))

    assert store.sidecars() == (late, early)
    assert store.get("latest") == early
    assert store.next_sequence() == 3


def test_a_number_is_never_given_twice(store: Store) -> None:
    put(store, 41)
    store.remove(sidecar(41).id)
    assert store.next_sequence() == 42  # the state remembers
    (store.folder / f"{PROJECT}.state").unlink()
    (store.folder / f"{PROJECT}-20261125-033100-0050.tar.zst").touch()
    assert store.next_sequence() == 51  # an archive without a sidecar
    (store.folder / f".{PROJECT}-20261125-033100-10000.tar.zst.age.part").touch()
    assert store.next_sequence() == 10001  # what a killed job left
    (store.folder / f"{PROJECT}-more-20261125-033100-77777.tar.zst").touch()
    assert store.next_sequence() == 10001  # another project's


@pytest.mark.parametrize("state", ["", "{", "[]", '{"sequence": "7"}', '{"sequence": null}'])
def test_a_state_that_cannot_be_read_is_none(store: Store, state: str) -> None:
    (store.folder / f"{PROJECT}.state").write_text(state)
    assert store.next_sequence() == 1
    store.write_state(sequence=5)
    assert store.next_sequence() == 6


def test_one_backup_that_cannot_be_read_hides_no_other(store: Store) -> None:
    good = put(store, 1)
    names_of = {kind: f"{PROJECT}-20261125-033100-{number:04}.json" for number, kind in enumerate("abcdef", 2)}
    (store.folder / names_of["a"]).write_text("{")
    (store.folder / names_of["b"]).mkdir()
    (store.folder / names_of["c"]).write_text("[" * 100_000)
    (store.folder / names_of["d"]).write_text(json.dumps({**told(5, AT), "format": 2}))
    (store.folder / names_of["e"]).write_text(json.dumps(told(99, AT)))
    (store.folder / names_of["f"]).write_text(json.dumps(told(7, AT, project="other")))
    listing = store.listing()

    assert listing.sidecars == (good,)
    assert [name for name, _ in listing.unreadable] == sorted(names_of.values())
    assert all(why for _, why in listing.unreadable)


def test_links_to_nowhere_are_told_or_left_out_but_stop_nothing(store: Store) -> None:
    good = put(store, 1)
    (store.folder / f"{PROJECT}-20261125-033100-0002.json").symlink_to("nowhere")

    assert store.listing().sidecars == (good,)


@pytest.mark.parametrize("wanted", ["20261125-033100-0009", "../../etc/passwd", "", "20261125-033100-0001/../x"])
def test_a_backup_that_is_not_there_is_told(store: Store, wanted: str) -> None:
    put(store, 1)
    with pytest.raises(ArchiveError) as raised:
        store.get(wanted)
    assert (raised.value.code, bool(raised.value.hint)) == ("not_found", True)
    with pytest.raises(ArchiveError):
        Store(store.folder, "other").get("latest")


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "none", PROJECT)
    assert (store.sidecars(), store.next_sequence()) == ((), 1)


def test_what_killed_jobs_left_goes_and_nothing_else(store: Store) -> None:
    put(store, 1)
    others = [
        f".{PROJECT}-more-20261125-033100-0001.tar.zst.part",
        f"{PROJECT}-20261125-033100-0009.tar.zst.age",
        f".{PROJECT}.part",
        "notes.part",
    ]
    left = {f".{PROJECT}-20261125-033100-{name}.part" for name in ("0002.tar.zst", "0001.json")}
    for name in (*others, *left):
        (store.folder / name).write_bytes(b"x")
    before = names(store)
    store.begin(sidecar(3).id, encrypted=True)

    assert set(before) - set(names(store)) == left
    assert set(others) <= set(names(store))


class Killed(BaseException):
    pass


@pytest.mark.parametrize("after", range(12))
def test_killed_anywhere_a_commit_leaves_a_whole_backup_or_none(store: Store, monkeypatch, after: int) -> None:
    """SIGKILL: nothing of the process runs any more."""
    first, second = put(store, 1), sidecar(2)
    part = store.begin(second.id, encrypted=True)
    part.write_bytes(b"archive")
    calls = 0

    def cut(real):
        def call(*arguments, **options):
            nonlocal calls
            calls += 1
            if calls > after:
                raise Killed
            return real(*arguments, **options)

        return call

    with monkeypatch.context() as patch:
        for name in ("fsync", "open"):
            patch.setattr(os, name, cut(getattr(os, name)))
        patch.setattr(Path, "rename", cut(Path.rename))
        patch.setattr(Path, "unlink", cut(Path.unlink))
        try:
            store.commit(part, second)
        except Killed:
            assert calls > after
    there = Store(store.folder, PROJECT)
    found = there.sidecars()
    there.clear_parts()

    assert found in [(first,), (first, second)]
    assert all(there.path(each).read_bytes() == b"archive" for each in found)
    assert names(there) == sorted(name for each in found for name in (each.archive, f"{PROJECT}-{each.id}.json"))
    assert there.next_sequence() > len(found)


def full(*_arguments: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_commit_that_fails_leaves_nothing(store: Store, monkeypatch) -> None:
    there = sidecar(1)
    part = store.begin(there.id, encrypted=True)
    part.write_bytes(b"archive")
    monkeypatch.setattr(store, "update", full)
    with pytest.raises(OSError, match="No space"):
        store.commit(part, there)

    assert names(store) == []


def test_a_change_of_a_sidecar_is_whole_or_none(store: Store, monkeypatch) -> None:
    there = put(store, 1)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.update(replace(there, label="changed"))

    assert store.sidecars() == (there,)
    assert len(names(store)) == 2


def test_removing_takes_the_sidecar_first_and_only_what_has_that_id(store: Store) -> None:
    first, second = put(store, 1), put(store, 2)
    store.remove(first.id)
    store.remove(first.id)

    assert store.sidecars() == (second,)
    assert names(store) == sorted((second.archive, f"{PROJECT}-{second.id}.json"))
    for text in ("../x", "*", ""):
        with pytest.raises(ArchiveError):
            store.remove(text)


def test_other_users_cannot_read_what_is_written(store: Store) -> None:
    there = put(store, 1)
    for name in (f"{PROJECT}-{there.id}.json", f"{PROJECT}.state"):
        assert (store.folder / name).stat().st_mode & 0o037 & ~0o040 == 0
