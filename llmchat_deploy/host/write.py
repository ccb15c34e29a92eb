"""Replace a file so that a reader, or a power cut, meets the old or the new one and nothing between."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path

from llmchat_deploy.errors import DiskFull, FileIsThere, HostError
from llmchat_deploy.host.state_folder import owner_hint


def write_atomically(path: Path, data: bytes, *, mode: int) -> None:
    """Write ``data`` aside with ``mode``, sync it, rename it over ``path``, sync the folder.

    Raises DiskFull or HostError; the old file is then untouched.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        _replace(path, data, mode)
    except OSError as error:
        raise cannot_write(path, error) from error


def append_line(path: Path, line: str, *, mode: int) -> None:
    """Add a line and sync it; raises DiskFull or HostError. A half line that a cut left is ended first."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, mode)
        try:
            size = os.fstat(handle).st_size
            half = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
            os.write(handle, ("\n" if half else "").encode() + line.encode() + b"\n")
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise cannot_write(path, error) from error


def replace_keeping_owner(path: Path, data: bytes) -> None:
    """Replace a file that is there, as :func:`write_atomically` does; its owner, group and mode stay as they are."""
    try:
        there = path.stat()
        _replace(path, data, there.st_mode & 0o7777, owner=(there.st_uid, there.st_gid))
    except OSError as error:
        raise cannot_write(path, error) from error


def create_exclusively(path: Path, data: bytes, *, mode: int) -> None:
    """Write a file that must not be there yet, as :func:`write_atomically` does; raises FileIsThere where it is."""
    try:
        _replace(path, data, mode, over=False)
    except FileExistsError:
        raise FileIsThere(f"{path} is there already.", hint="It is never overwritten.") from None
    except OSError as error:
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: OSError) -> DiskFull | HostError:
    """Return our error for the system's: a full disk is told apart, because a person can mend it at once."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"The disk that holds {path} is full.", hint=f"Look: df -h {path.parent}")
    return HostError(f"{path} can't be written: {error.strerror}.", hint=owner_hint(path))


def _replace(path: Path, data: bytes, mode: int, *, over: bool = True, owner: tuple[int, int] | None = None) -> None:
    handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            if owner and owner != (os.geteuid(), os.getegid()):
                os.fchown(file.fileno(), *owner)
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if over:
            Path(aside).replace(path)
        else:
            path.hardlink_to(aside)  # unlike a rename it never takes the place of a file that is there
            Path(aside).unlink()
    except BaseException:
        with contextlib.suppress(OSError):
            Path(aside).unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
