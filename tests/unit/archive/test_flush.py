"""A copy goes to the disk while it is read; nothing made of it counts before the disk has it."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from llmchat_archive.flush import flushing


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
