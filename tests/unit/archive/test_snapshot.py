"""Copies of SQLite databases: consistent while they are written to, checked, and never made of a damaged one."""

from __future__ import annotations

import os
import shutil
import signal
import time
from dataclasses import replace
from pathlib import Path

import pysqlite3 as sqlite3
import pytest
from llmchat_archive.errors import ArchiveError
from llmchat_archive.snapshot.sqlite import SqliteSnapshot

from tests.unit.archive import busy_writer
from tests.unit.archive.told import Told

NAME = "llmchat.db"
SNAPSHOT = SqliteSnapshot(NAME)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    busy_writer.make(folder / NAME, rows=50)
    return folder


def take(data: Path, target: Path, *, compact: bool = False, deadline: float = 60, told: Told | None = None) -> Path:
    return SNAPSHOT.take(data, target, told or Told(), compact=compact, deadline=deadline).file


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith("-shm")}


@pytest.mark.parametrize("compact", [False, True], ids=["as it is", "compact"])
def test_a_copy_is_the_database_and_the_source_stays_as_it_is(data: Path, tmp_path: Path, compact) -> None:
    before = bytes_of(data)
    told = Told()
    copy = take(data, tmp_path / "copy.db", compact=compact, told=told)

    described = SNAPSHOT.check(copy)
    assert described.rows == {"alembic_version": 1, "conversations": 1, "messages": 50}
    assert (described.engine, described.schema, described.integrity) == ("sqlite", "0001", "ok")
    assert described.foreign_key_violations == 0
    assert {name: text for name, text in bytes_of(data).items() if text} == before
    assert told.stages()["snapshot"] == (copy.stat().st_size, copy.stat().st_size)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.db", "data"]


@pytest.mark.slow
@pytest.mark.parametrize("compact", [False, True], ids=["as it is", "compact"])
def test_under_400_writes_a_second_a_copy_holds_every_committed_row(data: Path, tmp_path: Path, compact) -> None:
    log = tmp_path / "log"
    with busy_writer.writing(data / NAME, log):
        time.sleep(0.2)
        for number in range(3):
            before = busy_writer.committed(log)
            copy = take(data, tmp_path / f"{number}.db", compact=compact)
            last = busy_writer.assert_holds_what_was_committed(copy, at_least=before, rows=50)
            assert SNAPSHOT.check(copy).rows["messages"] == 50 + last


def test_what_a_killed_writer_left_in_its_log_is_in_the_copy_and_stays_there(data: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with busy_writer.writing(data / NAME, log) as writer:
        time.sleep(0.2)
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
    assert (data / f"{NAME}-wal").stat().st_size > 0
    before = bytes_of(data)
    copy = take(data, tmp_path / "copy.db")

    busy_writer.assert_holds_what_was_committed(copy, at_least=busy_writer.committed(log), rows=50)
    assert bytes_of(data) == before


def test_text_that_was_deleted_is_not_in_a_compact_copy(data: Path, tmp_path: Path) -> None:
    connection = busy_writer.connect(data / NAME)
    connection.execute("DELETE FROM messages WHERE id = -7")
    connection.close()
    secret = busy_writer.content(-7).encode()

    assert secret in take(data, tmp_path / "whole.db").read_bytes()
    assert secret not in take(data, tmp_path / "compact.db", compact=True).read_bytes()


def test_orphans_are_counted_not_refused(data: Path, tmp_path: Path) -> None:
    connection = busy_writer.connect(data / NAME)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.executemany("INSERT INTO messages VALUES (?, 99, 'orphan')", [(number,) for number in range(1000, 1003)])
    connection.close()

    assert SNAPSHOT.check(take(data, tmp_path / "copy.db")).foreign_key_violations == 3


def break_header(file: Path) -> None:
    file.write_bytes(b"not a database" * 1000)


def break_pages(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096 * 2 :] = os.urandom(len(content) - 4096 * 2)
    file.write_bytes(content)


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size - 4096 * 3)


def lose_an_index_entry(file: Path) -> None:
    connection = busy_writer.connect(file)
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(
        "UPDATE sqlite_schema SET sql = replace(sql, '(content)', '(content) WHERE id <> -3') WHERE name LIKE 'ix_%'"
    )
    connection.close()
    connection = busy_writer.connect(file)
    connection.execute("REINDEX")
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_schema SET sql = replace(sql, ' WHERE id <> -3', '') WHERE name LIKE 'ix_%'")
    connection.close()


@pytest.mark.parametrize("damage", [break_header, break_pages, cut, lose_an_index_entry])
def test_a_damaged_source_is_told_and_no_copy_of_it_counts(data: Path, tmp_path: Path, damage) -> None:
    damage(data / NAME)
    with pytest.raises(ArchiveError) as raised:
        SNAPSHOT.check(take(data, tmp_path / "copy.db"))

    assert raised.value.code == "source_damaged"
    assert "restore" in raised.value.hint


def test_an_empty_file_is_no_database_though_its_integrity_is_ok(data: Path, tmp_path: Path) -> None:
    (data / NAME).write_bytes(b"")
    with pytest.raises(ArchiveError) as raised:
        take(data, tmp_path / "copy.db")

    assert raised.value.code == "source_damaged"
    assert not (tmp_path / "copy.db").exists()


def test_a_database_without_tables_is_nothing_to_back_up(data: Path, tmp_path: Path) -> None:
    (data / NAME).unlink()
    connection = busy_writer.connect(data / NAME)
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    with pytest.raises(ArchiveError, match="no tables"):
        SNAPSHOT.check(take(data, tmp_path / "copy.db"))


def test_a_database_that_is_not_there_is_told(data: Path, tmp_path: Path) -> None:
    (data / NAME).unlink()
    with pytest.raises(ArchiveError) as raised:
        take(data, tmp_path / "copy.db")

    assert raised.value.code == "not_found"
    assert not (data / NAME).exists()


@pytest.mark.parametrize("compact", [False, True], ids=["as it is", "compact"])
def test_past_its_deadline_a_copy_is_given_up(data: Path, tmp_path: Path, compact) -> None:
    connection = busy_writer.connect(data / NAME)
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO messages VALUES (?, 1, ?)", [(n, "x" * 5000) for n in range(1000, 2000)])
    connection.execute("COMMIT")
    connection.close()
    with pytest.raises(ArchiveError) as raised:
        take(data, tmp_path / "copy.db", compact=compact, deadline=-1)

    assert raised.value.code == "snapshot_timeout"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_a_database_that_another_program_locks_is_busy(data: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("llmchat_archive.snapshot.sqlite.BUSY_SECONDS", 0.05)
    connection = sqlite3.connect(str(data / NAME), isolation_level=None)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("BEGIN EXCLUSIVE")
    with pytest.raises(ArchiveError) as raised:
        take(data, tmp_path / "copy.db")
    connection.close()

    assert raised.value.code == "busy"


def test_a_copy_never_replaces_a_file(data: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_bytes(b"x")
    with pytest.raises(FileExistsError):
        take(data, tmp_path / "copy.db")

    assert (tmp_path / "copy.db").read_bytes() == b"x"


@pytest.fixture
def restored(data: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "restored"
    folder.mkdir()
    take(data, folder / NAME)
    return folder


def test_a_restored_database_is_held_against_its_description(restored: Path) -> None:
    expected = SNAPSHOT.check(restored / NAME)
    SNAPSHOT.restored(restored, replace(expected, engine_version="3.51.3"))

    for wrong in (replace(expected, rows=expected.rows | {"messages": 51}), replace(expected, schema="0002")):
        with pytest.raises(ArchiveError) as raised:
            SNAPSHOT.restored(restored, wrong)
        assert raised.value.code == "damaged"


def test_a_log_beside_a_restored_database_is_refused_for_it_would_be_replayed(restored: Path, data: Path) -> None:
    expected = SNAPSHOT.check(restored / NAME)
    (restored / f"{NAME}-wal").write_bytes(b"x")
    with pytest.raises(ArchiveError, match=r"llmchat\.db-wal lies beside"):
        SNAPSHOT.restored(restored, expected)


def test_the_files_of_the_database_are_known_by_name() -> None:
    assert SNAPSHOT.names() == {NAME, f"{NAME}-wal", f"{NAME}-shm", f"{NAME}-journal"}


def test_the_size_counts_the_log(data: Path) -> None:
    connection = busy_writer.connect(data / NAME)
    connection.execute("INSERT INTO messages VALUES (1, 1, 'x')")
    assert SNAPSHOT.size(data) > (data / NAME).stat().st_size
    connection.close()
    shutil.rmtree(data)
    with pytest.raises(ArchiveError):
        SNAPSHOT.size(data)
