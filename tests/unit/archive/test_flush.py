"""What is made of a file counts only where the disk has taken, or never needed to take, all of that file."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from llmchat_archive.flush import WRITTEN_AT_ONCE, WriteOut, flushing, passing


def test_what_the_disk_refuses_is_raised_after_the_block() -> None:
    done = []
    with pytest.raises(OSError, match="Invalid") as raised, flushing(Path("/dev/null")):  # no disk takes that
        done.append("read")

    assert (done, raised.value.errno) == (["read"], errno.EINVAL)


def test_a_failure_in_the_block_is_the_one_that_is_told() -> None:
    with pytest.raises(ZeroDivisionError), flushing(Path("/dev/null")):
        raise ZeroDivisionError


def test_a_file_may_be_read_meanwhile(tmp_path: Path) -> None:
    file = tmp_path / "copy"
    file.write_bytes(b"chats" * 100_000)
    with flushing(file):
        assert file.read_bytes() == b"chats" * 100_000


def test_where_pieces_cannot_be_asked_about_the_whole_file_is_flushed() -> None:
    done = []
    with pytest.raises(OSError, match="Invalid"), passing(Path("/dev/null")):  # no pages, and no disk takes it
        done.append("read")
    assert done == ["read"]


def test_a_copy_may_be_removed_while_it_passes(tmp_path: Path) -> None:
    file = tmp_path / "copy"
    file.write_bytes(b"chats")
    with passing(file):
        assert file.read_bytes() == b"chats"
        file.unlink()


def test_a_growing_file_is_written_out_whatever_its_pieces_are(tmp_path: Path) -> None:
    with (tmp_path / "archive").open("wb", buffering=0) as file:
        out = WriteOut(file.fileno())
        for size in (0, 1, WRITTEN_AT_ONCE, 3 * WRITTEN_AT_ONCE, 3 * WRITTEN_AT_ONCE, 4 * WRITTEN_AT_ONCE):
            file.truncate(size)
            out.grown(size)


def test_where_a_file_has_no_pages_it_grows_all_the_same() -> None:
    with Path("/dev/null").open("wb", buffering=0) as file:
        WriteOut(file.fileno()).grown(WRITTEN_AT_ONCE)
