"""Jobs on backups that are killed anywhere, and on disks that are full: nothing that was there changes, and the next
run is clean."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

import pytest
from llmchat_archive import create
from llmchat_archive.flush import WriteOut, passing

from tests.unit.archive import busy_writer
from tests.unit.archive.place import DATABASE, PROJECT, Place, contents, names, run, start

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

NO_ROOM = "no_space"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """About 20 MB, half of which doesn't shrink: every stage takes long enough to be cut in it."""
    place = Place(tmp_path, rows=50_000, encrypted=True)
    for number in range(5):
        (place.data / f"attachments/ab/{number}").write_bytes(os.urandom(2_000_000))
    return place


def killed(verb: str, job: dict[str, Any], when: float) -> bool:
    """Kill a job when it has told so many lines, or after so many seconds; tell whether it was still at work."""
    process = start(verb, job)
    assert process.stdout
    if isinstance(when, float):
        time.sleep(when)
    else:
        for _ in range(when):
            process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    return process.wait(60) == -signal.SIGKILL


def cuts(verb: str, job: dict[str, Any], clear: Callable[[], None], *, everywhere: bool) -> list[int | float]:
    """Run a job to its end; return points to cut it at: the first line of each stage and the moment of the last one.

    Or every line, and moments between.
    """
    begun = time.monotonic()
    code, lines = run(verb, job)
    seconds = time.monotonic() - begun
    assert code == 0
    clear()
    if everywhere:
        return [*range(len(lines)), *(seconds * part / 20 for part in range(8, 21))]
    stages = [line.get("stage") for line in lines]
    return [0, *(stages.index(stage) + 1 for stage in dict.fromkeys(stages[:-1])), len(lines) - 1]


def assert_sound(place: Place, before: dict[str, Any]) -> None:
    """Fail unless live data is as it was, and every backup that is there is whole."""
    assert contents(place.data) == before
    assert all(result["ok"] for result in place.verify())


@pytest.mark.parametrize(
    "everywhere", [False, pytest.param(True, marks=pytest.mark.full)], ids=["at each stage", "everywhere"]
)
def test_a_backup_killed_anywhere_leaves_none_or_a_whole_one_and_the_next_is_clean(place: Place, everywhere) -> None:
    first = place.create()
    before = contents(place.data)

    def clear() -> None:
        place.store.remove(place.store.get("latest").id)

    for when in cuts("create", place.create_job(), clear, everywhere=everywhere):
        killed("create", place.create_job(), when)
        assert_sound(place, before)
        assert place.store.get(first.id).sha256 == first.sha256

        sidecar = place.create()
        assert_sound(place, before)
        kept = [name for each in place.store.sidecars() for name in (each.archive, f"{PROJECT}-{each.id}.json")]
        assert place.left() == {"backups": sorted([*kept, f"{PROJECT}.state"]), "scratch": []}, when
        assert sidecar.sequence == max(each.sequence for each in place.store.sidecars())
        for each in place.store.sidecars()[1:]:
            place.store.remove(each.id)


@pytest.mark.parametrize(
    "everywhere", [False, pytest.param(True, marks=pytest.mark.full)], ids=["at each stage", "everywhere"]
)
def test_a_restore_killed_anywhere_is_finished_by_the_next(place: Place, tmp_path: Path, everywhere) -> None:
    sidecar = place.create()
    before, backups = contents(place.data), contents(place.backups)
    target = tmp_path / "new"
    target.mkdir()
    job = place.prepare_job(target, sidecar)

    def clear() -> None:
        subprocess.run(["find", target, "-mindepth", "1", "-delete"], check=True)

    for when in cuts("prepare", job, clear, everywhere=everywhere):
        if killed("prepare", job, when) or not names(target):
            code, lines = run("prepare", job)
            assert (code, lines[-1]["event"]) == (0, "result"), (when, lines[-1])
        assert contents(target) == before, when
        assert names(place.scratch) == []
        assert contents(place.backups) == backups
        clear()


@contextmanager
def disk(folder: Path, options: str) -> Iterator[Callable[[str], None]]:
    """Mount a disk of that size or with so few files at a folder; give a function that changes its options."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"{options},mode=0700", "tmpfs", str(folder)], check=True)
    try:
        yield lambda new: void(subprocess.run(["mount", "-o", f"remount,{new}", str(folder)], check=True))
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False, capture_output=True)


def void(_done: object) -> None:
    pass


@contextmanager
def breaking_disk(folder: Path, room: int) -> Iterator[None]:
    """Mount a disk that promises 500 MB and fails once it has to take more than ``room`` bytes of them.

    Like a thin volume whose pool is full: programs may write, and only a flush tells that it went nowhere.
    """
    pool = folder.with_name(f"{folder.name}-pool")
    pool.mkdir()
    with disk(pool, f"size={room}"):
        image = pool / "image"
        with image.open("wb") as file:
            file.truncate(500_000_000)
        subprocess.run(["mkfs.ext4", "-q", "-F", "-O", "^has_journal", "-m", "0", str(image)], check=True)
        subprocess.run(["mount", "-o", "loop", str(image), str(folder)], check=True)
        try:
            yield
        finally:
            subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_fails_to_take_the_archive_keeps_none_of_it(place: Place) -> None:
    before = contents(place.data)
    with breaking_disk(place.backups, 8_000_000):
        code, lines = run("create", place.create_job())
        assert (code, lines[-1]["code"]) == (11, NO_ROOM), lines[-1]  # what a loop device says
        assert [name for name in names(place.backups) if ".tar." in name] == []
    assert names(place.scratch) == []
    assert run("create", place.create_job())[0] == 0
    assert_sound(place, before)


def test_a_copy_that_the_disk_failed_to_take_is_not_trusted(tmp_path: Path) -> None:
    tmp_path.joinpath("disk").mkdir()
    with breaking_disk(tmp_path / "disk", 8_000_000):
        copy = tmp_path / "disk" / "copy"
        copy.write_bytes(os.urandom(20_000_000))
        # A kernel says either: that the device failed, or, as the loop device did, that it is full.
        with pytest.raises(OSError, match=r"error|No space") as raised, passing(copy):
            os.sync()  # or the memory was needed for something else
    assert raised.value.errno in {errno.EIO, errno.ENOSPC}


def test_what_is_written_out_piece_by_piece_fails_as_soon_as_the_disk_does(tmp_path: Path) -> None:
    tmp_path.joinpath("disk").mkdir()
    written = []

    def write_on(file: FileIO) -> None:
        out = WriteOut(file.fileno())
        for size in range(1_000_000, 60_000_000, 1_000_000):
            written.append(file.write(os.urandom(1_000_000)))
            out.grown(size)

    with (
        breaking_disk(tmp_path / "disk", 8_000_000),
        (tmp_path / "disk" / "file").open("wb", buffering=0) as file,
        pytest.raises(OSError, match=r"error|No space"),
    ):
        write_on(file)
    assert sum(written) < 30_000_000


LARGE = "size=500m,nr_inodes=1000"


@pytest.mark.parametrize(
    ("folder", "options", "stages"),
    [
        ("scratch", "size=8m", []),
        ("scratch", "size=500m,nr_inodes=1", []),
        ("scratch", "size=500m,nr_inodes=2", []),
        ("backups", "size=8m", []),
        ("backups", "size=500m,nr_inodes=1", ["snapshot", "check"]),
        ("backups", "size=500m,nr_inodes=2", ["snapshot", "check", "write", "verify"]),
        ("backups", "size=500m,nr_inodes=3", ["snapshot", "check", "write", "verify"]),
    ],
    ids=["scratch small", "no folder in scratch", "no copy", "backups small", "no archive", "no state", "no sidecar"],
)
def test_on_a_full_disk_a_backup_fails_whole_and_works_once_there_is_room(
    place: Place, folder: str, options: str, stages: list[str]
) -> None:
    before = contents(place.data)
    with disk(getattr(place, folder), options) as change:
        code, lines = run("create", place.create_job())
        assert (code, lines[-1]["code"]) == (11, NO_ROOM), lines[-1]
        assert list(dict.fromkeys(line["stage"] for line in lines[:-1])) == stages
        assert [name for name in names(place.backups) if not name.endswith(".state")] == []
        assert names(place.scratch) == []
        change(LARGE)
        assert run("create", place.create_job())[0] == 0
        assert_sound(place, before)


def test_a_disk_that_fills_up_while_the_archive_is_written_keeps_no_part_of_it(place: Place) -> None:
    """Random bytes don't shrink to the quarter that is hoped for."""
    connection = busy_writer.connect(place.data / DATABASE)
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO messages VALUES (?, 1, ?)", [(number, os.urandom(50_000)) for number in range(1, 1_200)]
    )
    connection.execute("COMMIT")
    connection.close()
    before = contents(place.data)
    room = int((place.data / DATABASE).stat().st_size * 0.3) + 10_000_000 + create.RESERVE + 2**20
    with disk(place.backups, f"size={room}") as change:
        code, lines = run("create", place.create_job())
        assert (code, lines[-1]["code"]) == (11, NO_ROOM), lines[-1]
        assert "write" in {line.get("stage") for line in lines}
        assert "verify" not in {line.get("stage") for line in lines}
        assert [name for name in names(place.backups) if not name.endswith(".state")] == []
        change(LARGE)
        assert run("create", place.create_job())[0] == 0
        assert_sound(place, before)


@pytest.mark.parametrize("options", ["size=45m", "size=500m,nr_inodes=6"], ids=["small", "too many files"])
def test_on_a_full_disk_a_restore_fails_whole_and_works_once_there_is_room(
    place: Place, tmp_path: Path, options: str
) -> None:
    sidecar = place.create()
    before, backups = contents(place.data), contents(place.backups)
    target = tmp_path / "new"
    target.mkdir()
    with disk(target, options) as change:
        code, lines = run("prepare", place.prepare_job(target, sidecar))
        assert (code, lines[-1]["code"]) == (11, NO_ROOM), lines[-1]
        change(LARGE)
        assert run("prepare", place.prepare_job(target, sidecar))[0] == 0
        assert contents(target) == before
    assert contents(place.backups) == backups


def test_the_state_of_a_killed_job_never_hides_the_last_good_backup(place: Place) -> None:
    first = place.create()
    state = place.backups / f"{PROJECT}.state"
    assert json.loads(state.read_text())["last_success"]["id"] == first.id
    state.write_text("{")  # a file system that lost its end

    assert place.store.next_sequence() == 2
    assert place.create().sequence == 2
