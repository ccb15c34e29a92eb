"""Files outside the state folder: backups and what lies beside them."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import IO

from llmchat_deploy.errors import HostError
from llmchat_deploy.host.state_folder import owner_hint
from llmchat_deploy.host.write import cannot_write


def read_folder(folder: Path, ending: str) -> dict[str, str]:
    """Return the text files of a folder whose names have an ending, by name; none where there is no folder.

    A file that goes away meanwhile is left out; one that isn't text is read as well as it can be.
    """
    texts = {}
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.name.endswith(ending) and entry.is_file())
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                texts[name] = (folder / name).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return {}
    except OSError as error:
        place = Path(error.filename or folder)
        raise HostError(f"{place} can't be read: {error.strerror}.", hint=owner_hint(place)) from error
    return texts


def folder_names(folder: Path) -> tuple[str, ...]:
    """Return the names of what a folder holds, sorted; raises HostError where it can't be read."""
    try:
        return tuple(sorted(entry.name for entry in os.scandir(folder)))
    except OSError as error:
        raise HostError(f"{folder} can't be read: {error.strerror}.", hint=owner_hint(folder)) from error


def remove(path: Path) -> None:
    """Remove a file or a folder with all it holds, if it is there; of a link only the link. Raises HostError."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise HostError(f"{path} can't be removed: {error.strerror}.", hint=owner_hint(path)) from error


def copy_file(source: Path, target: Path, mode: int) -> None:
    """Copy a file so that a reader meets all of it or none; raises DiskFull or HostError."""
    try:
        reader = source.open("rb")
    except OSError as error:
        raise HostError(f"{source} can't be read: {error.strerror}.") from error
    with reader:
        try:
            _copy(reader, target, mode)
        except OSError as error:
            raise cannot_write(target, error) from error


def _copy(reader: IO[bytes], target: Path, mode: int) -> None:
    handle, aside = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as writer:
            os.fchmod(writer.fileno(), mode)
            shutil.copyfileobj(reader, writer, 1 << 20)
            writer.flush()
            os.fsync(writer.fileno())
        Path(aside).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(aside).unlink()
        raise
