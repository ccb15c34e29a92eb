"""A backup: whole, verified, in order, or not there at all."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tarfile
from datetime import timedelta
from pathlib import Path

import pytest
from llmchat_archive import age
from llmchat_archive.errors import ArchiveError
from llmchat_archive.reader import extract_small

from tests.unit.archive import busy_writer
from tests.unit.archive.place import DATABASE, PROJECT, Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_backup_is_an_archive_and_a_readable_file_beside_it(place: Place) -> None:
    sidecar = place.create(label="before the move")

    assert place.left() == {
        "backups": [f"{PROJECT}-{sidecar.id}.json", sidecar.archive, f"{PROJECT}.state"],
        "scratch": [],
    }
    told = json.loads((place.backups / f"{PROJECT}-{sidecar.id}.json").read_text())
    assert told["label"] == "before the move"
    assert told["contents"]["rows"] == {"alembic_version": 1, "conversations": 1, "messages": 50}
    assert (told["contents"]["files"], told["contents"]["attachments"], told["contents"]["schema"]) == (2, 1, "0001")
    assert told["verified_at"] is not None
    assert told["proven_at"] is None
    assert list(place.told.stages()) == ["snapshot", "check", "write", "verify"]
    assert place.store.state()["last_success"]["id"] == sidecar.id
    assert (place.backups / sidecar.archive).stat().st_mode & 0o777 == 0o640


@pytest.mark.slow  # age and zstd are installed for the default run
def test_debians_tools_read_it(place: Place) -> None:
    sidecar = place.create()
    plain = subprocess.run(["zstd", "-dc", place.store.path(sidecar)], capture_output=True, check=True).stdout
    (place.folder / "plain.tar").write_bytes(plain)
    subprocess.run(["tar", "--extract", "--file", place.folder / "plain.tar", "-C", place.folder, "data"], check=True)

    with tarfile.open(place.folder / "plain.tar") as archive:
        names = archive.getnames()
    assert (names[0], names[-1]) == ("llmchat-backup.json", "manifest.json")
    assert (place.folder / "data/attachments/ab/abcd").read_bytes() == b"picture" * 1000


def test_secrets_travel_only_where_they_are_encrypted(place: Place) -> None:
    names = ("config/env", "config/test.toml", "release.json")
    in_the_clear = extract_small(place.store.path(place.create()), [], names)
    place.encrypted = True
    sidecar = place.create()
    encrypted = extract_small(place.store.path(sidecar), age.parse_identities([place.secret]), names)

    assert list(in_the_clear) == ["release.json"]
    assert encrypted["config/env"] == b"SECRET_KEY='corr3ct$battery'\n"
    assert sidecar.recipients == (place.public,)
    written = b"".join(path.read_bytes() for path in place.backups.iterdir())
    assert b"corr3ct" not in written
    assert place.secret.encode() not in written


def test_backups_are_ordered_by_number_whatever_the_clock_does(place: Place) -> None:
    first = place.create()
    place.at += timedelta(days=365)
    future = place.create()
    place.at -= timedelta(days=730)
    last = place.create()

    assert [sidecar.id for sidecar in place.store.sidecars()] == [first.id, future.id, last.id]
    assert [sidecar.sequence for sidecar in place.store.sidecars()] == [1, 2, 3]
    assert place.store.get("latest") == last
    assert [code for code, _ in place.told.warnings] == ["clock_behind"]


def test_a_number_is_never_used_again(place: Place) -> None:
    first = place.create()
    place.store.remove(first.id)

    assert place.create().sequence == 2


@pytest.mark.parametrize("damage", [b"", b"not a database" * 1000], ids=["empty", "no database"])
def test_of_a_damaged_database_no_backup_is_kept_and_the_last_one_stays(place: Place, damage) -> None:
    good = place.create()
    before = place.left()
    (place.data / DATABASE).write_bytes(damage)
    for ending in ("-wal", "-shm"):
        (place.data / f"{DATABASE}{ending}").unlink(missing_ok=True)
    with pytest.raises(ArchiveError) as raised:
        place.create()

    assert raised.value.code == "source_damaged"
    assert place.left() == before
    assert place.store.get("latest") == good
    assert place.store.state()["last_failure"]["code"] == "source_damaged"
    assert place.store.state()["last_success"]["id"] == good.id


def test_what_killed_jobs_left_goes_and_what_belongs_to_others_stays(place: Place) -> None:
    first = place.create()
    (place.backups / f".{PROJECT}-20260101-000000-0009.tar.zst.part").write_bytes(b"x")
    (place.backups / ".other-20260101-000000-0009.tar.zst.part").write_bytes(b"x")
    work = place.scratch / "llmchat-work/drill/restored"
    work.mkdir(parents=True)
    (work / "file").write_bytes(b"x")
    work.chmod(0o500)
    second = place.create()

    assert place.left()["scratch"] == []
    assert place.left()["backups"][0] == ".other-20260101-000000-0009.tar.zst.part"
    assert f".{PROJECT}-20260101-000000-0009.tar.zst.part" not in place.left()["backups"]
    assert (first.sequence, second.sequence) == (1, 2)


def test_what_is_neither_file_nor_folder_is_left_out(place: Place) -> None:
    (place.data / "attachments/link").symlink_to("/etc/passwd")
    (place.data / "attachments/loop").symlink_to(place.data)
    os.mkfifo(place.data / "attachments/pipe")
    (place.data / "attachments/ab/cd.part").write_bytes(b"half an upload")
    (place.data / "attachments/a\\b").write_bytes(b"x")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place.data / "socket"))
        sidecar = place.create()

    assert sidecar.contents["files"] == 2
    assert sorted(message.split("'")[1] for _, message in place.told.warnings) == [
        "data/attachments/a\\\\b",
        "data/attachments/link",
        "data/attachments/loop",
        "data/attachments/pipe",
    ]
    assert len(sidecar.warnings) == 4
    assert place.verify()[0]["ok"]


def test_without_room_it_says_how_much_is_needed_before_it_begins(place: Place) -> None:
    (place.data / "attachments/huge").touch()
    os.truncate(place.data / "attachments/huge", 2**43)
    with pytest.raises(ArchiveError, match="MB are needed") as raised:
        place.create()

    assert raised.value.code == "no_space"
    assert place.told.steps == []


def test_under_400_writes_a_second_a_restored_backup_holds_every_committed_row(place: Place, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with busy_writer.writing(place.data / DATABASE, log):
        before = busy_writer.committed(log)
        sidecar = place.create()
    place.prepare(tmp_path / "new", sidecar)

    last = busy_writer.assert_holds_what_was_committed(tmp_path / "new" / DATABASE, at_least=before, rows=50)
    assert sidecar.contents["rows"]["messages"] == 50 + last
