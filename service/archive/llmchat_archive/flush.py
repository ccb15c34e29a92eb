"""Have the disk take what was written, without making those wait who write to the same disk.

A flush of much at once delays every other program's flush, and with it the next answer of the service: files that stay
are written out while they grow, and one that is only passed through is not flushed at all.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

WRITTEN_AT_ONCE = 2 * 1024**2
"""Bytes that wait for the disk at most, twice: one piece is on its way while the next one grows."""

_WAIT_BEFORE, _WRITE = 1, 2  # sync_file_range(2)
_NOT_HERE = (errno.ENOSYS, errno.EINVAL, errno.ESPIPE, errno.EPERM)
_sync_file_range = ctypes.CDLL(None, use_errno=True).sync_file_range
_sync_file_range.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)


@contextmanager
def flushing(file: Path) -> Iterator[None]:
    """Flush a finished file beside the block, which may read it; raises OSError where the disk didn't take it.

    What a disk has failed to take may read as something else later, so nothing made of it counts before the end.
    """
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    failed: list[OSError] = []

    def flush() -> None:
        try:
            os.fsync(descriptor)
        except OSError as error:
            failed.append(error)

    thread = Thread(target=flush, name="flush", daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()
        os.close(descriptor)
    if failed:
        raise failed[0]


@contextmanager
def passing(file: Path) -> Iterator[None]:
    """Read a finished file in the block and forget it then; raises OSError where the disk failed to take any of it.

    Nothing is flushed: what is still in memory at the end was read from there, and is as it was written.
    """
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield
        if not _ranged(descriptor, 0, 1, _WAIT_BEFORE):  # tells of every failure since the file was opened
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


class WriteOut:
    """Writes a growing file out piece by piece. It still has to be flushed at its end, which is short then."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._begun = self._behind = 0

    def grown(self, size: int) -> None:
        """Begin to write out what is new, and wait for the piece before; raises OSError where it wasn't taken."""
        if size - self._begun < WRITTEN_AT_ONCE:
            return
        _ranged(self._descriptor, self._begun, size - self._begun, _WRITE)
        if self._begun > self._behind:
            _ranged(self._descriptor, self._behind, self._begun - self._behind, _WAIT_BEFORE)
        self._behind, self._begun = self._begun, size


def _ranged(descriptor: int, start: int, length: int, flags: int) -> bool:
    """Call sync_file_range(2); false where this kernel or file system hasn't got it. Raises OSError of the disk."""
    if _sync_file_range(descriptor, start, length, flags) == 0:
        return True
    code = ctypes.get_errno()
    if code in _NOT_HERE:
        return False
    raise OSError(code, os.strerror(code))
