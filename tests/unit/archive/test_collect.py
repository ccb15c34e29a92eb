"""What goes into a backup: all that is data, nothing that is not, and no link is followed."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from llmchat_archive import collect
from llmchat_archive.collect import Member
from llmchat_archive.errors import ArchiveError

from tests.unit.archive.told import Told

DATABASE = "llmchat.db"
NOBODY = 65534
LIVE = frozenset({DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", f"{DATABASE}-journal"})


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    (data / "attachments/ab").mkdir(parents=True)
    for name in (*LIVE, "attachments/ab/abcd", "notes.txt"):
        (data / name).write_bytes(name.encode())
    (tmp_path / "snapshot").write_bytes(b"snapshot")
    return data


def walked(data: Path, told: Told | None = None) -> list[Member]:
    return list(collect.walk(data, DATABASE, data.parent / "snapshot", LIVE, told or Told()))


def paths(members: list[Member]) -> list[str]:
    return [member.path for member in members]


def test_the_database_is_its_snapshot_with_the_owner_and_mode_of_the_live_one(data: Path) -> None:
    (data / DATABASE).chmod(0o604)
    root, database, *others = walked(data)

    assert (root.path, root.folder) == ("data", True)
    assert (database.path, database.source, database.mode) == ("data/llmchat.db", data.parent / "snapshot", 0o604)
    assert paths(others) == ["data/attachments", "data/attachments/ab", "data/attachments/ab/abcd", "data/notes.txt"]


def test_names_of_the_live_database_deeper_down_are_data(data: Path) -> None:
    (data / "attachments" / DATABASE).write_bytes(b"an attachment")

    assert f"data/attachments/{DATABASE}" in paths(walked(data))


def test_what_is_not_data_is_left_out(data: Path) -> None:
    for name in ("attachments/ab/x.part", "llmchat.lock"):
        (data / name).write_bytes(b"x")
    for name in ("lost+found", ".llmchat-restoring"):
        (data / name).mkdir()
        (data / name / "x").write_bytes(b"x")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(data / "socket"))
    told = Told()
    before = ["data/attachments", "data/attachments/ab", "data/attachments/ab/abcd", "data/notes.txt"]

    assert paths(walked(data, told))[2:] == before
    assert told.warnings == []


def test_links_devices_and_names_that_no_archive_may_hold_are_left_out_with_a_warning(data: Path) -> None:
    (data / "link").symlink_to("/etc/passwd")
    (data / "folder").symlink_to("/etc")
    (data / "nowhere").symlink_to("none")
    os.mkfifo(data / "pipe")
    for name in ("a\nb", "back\\slash", "\x1b[2J"):
        (data / name).write_bytes(b"x")
    (data / os.fsdecode(b"latin-\xe9")).write_bytes(b"x")
    told = Told()

    assert paths(walked(data, told))[2:] == [
        "data/attachments", "data/attachments/ab", "data/attachments/ab/abcd", "data/notes.txt"
    ]  # fmt: skip
    assert [code for code, _ in told.warnings] == ["skipped"] * 8
    assert all("\n" not in message and "\x1b" not in message for _, message in told.warnings)
    assert all(message.encode() for _, message in told.warnings)


def test_special_bits_of_modes_stay_behind(data: Path) -> None:
    (data / "notes.txt").chmod(0o6755)
    (data / "attachments").chmod(0o1777)
    modes = {member.path: member.mode for member in walked(data)}

    assert (modes["data/notes.txt"], modes["data/attachments"]) == (0o755, 0o777)


def test_what_goes_while_it_is_looked_at_is_no_error(data: Path) -> None:
    members = collect.walk(data, DATABASE, data.parent / "snapshot", LIVE, Told())
    found = [next(members) for _ in range(3)]
    (data / "attachments/ab/abcd").unlink()
    (data / "attachments/ab").rmdir()
    (data / "attachments").rmdir()

    assert paths([*found, *members])[2:] == ["data/attachments", "data/notes.txt"]


def test_a_folder_that_became_a_link_gives_nothing_of_what_it_leads_to(data: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"the keys of a remote")
    members = collect.walk(data, DATABASE, data.parent / "snapshot", LIVE, Told())
    found = [next(members) for _ in range(3)]
    assert found[-1].path == "data/attachments"
    (data / "attachments").rename(data.parent / "gone")
    (data / "attachments").symlink_to(outside)

    for member in members:
        if member.source is not None and member.path.startswith("data/attachments/"):
            with pytest.raises(ArchiveError) as raised:
                collect.open_source(member)
            assert raised.value.code == "source_damaged"


def test_a_folder_that_cannot_be_read_stops_the_backup(data: Path) -> None:
    (data / "attachments/ab").chmod(0)
    for folder in (data, *data.parents):
        if folder.is_relative_to("/tmp") and folder.stat().st_uid == os.geteuid():
            folder.chmod(0o755)
    (data / "attachments").chmod(0o755)
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)  # nothing is closed to root
    try:
        with pytest.raises(ArchiveError) as raised:
            walked(data)
    finally:
        if root:
            os.seteuid(0)
        (data / "attachments/ab").chmod(0o700)
    assert (raised.value.code, bool(raised.value.hint)) == ("source_damaged", True)


def test_what_a_file_says_it_is_must_still_be_so_when_it_is_opened(data: Path) -> None:
    member = next(member for member in walked(data) if member.path == "data/notes.txt")
    assert member.source
    member.source.unlink()
    assert collect.open_source(member) is None
    os.mkfifo(member.source)
    with pytest.raises(ArchiveError, match="exchanged"):
        collect.open_source(member)


def test_the_weight_is_that_of_what_is_walked_without_the_database(data: Path) -> None:
    (data / "lost+found").mkdir()
    (data / "lost+found/x").write_bytes(bytes(1000))

    assert collect.weigh(data, LIVE) == len(b"attachments/ab/abcd" + b"notes.txt")


@pytest.mark.slow
def test_folders_of_any_size_are_walked_one_by_one(data: Path) -> None:
    for number in range(2000):
        (data / "attachments" / f"{number:04}").touch()
    members = collect.walk(data, DATABASE, data.parent / "snapshot", LIVE, Told())

    assert sum(1 for _ in members) == 2 + 4 + 2000
