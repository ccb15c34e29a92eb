"""Replace a file so that a reader, or a power cut, meets the old or the new one and nothing between."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path

from llmchat_deploy.errors import DiskFull, HostError


def write_atomically(path: Path, data: bytes, *, mode: int) -> None:
    """Write ``data`` aside with ``mode``, sync it, rename it over ``path``, sync the folder.

    Raises DiskFull or HostError; the old file is then untouched.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        _replace(path, data, mode)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"The disk that holds {path} is full.", hint=f"df -h {path.parent}") from error
        raise HostError(f"{path} can't be written: {error.strerror}.") from error


def _replace(path: Path, data: bytes, mode: int) -> None:
    handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(aside).unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
