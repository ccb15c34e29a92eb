"""The members of an archive: the small ones, the database's snapshot, and every other file of the data root."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from llmchat_archive import tar_names
from llmchat_archive.errors import ArchiveError
from llmchat_archive.events import Events

OURS = frozenset({"lost+found", ".llmchat-restoring"})
"""Names in a data root that are not data."""

UNFINISHED = (".part", ".lock")


@dataclass(frozen=True, slots=True)
class Member:
    """A file or folder that goes into an archive; a file's bytes come from ``source``, or are ``content``."""

    path: str
    mode: int
    uid: int
    gid: int
    size: int = 0
    mtime: int = 0
    source: Path | None = None
    content: bytes = b""
    folder: bool = False


def small(path: str, content: bytes, mode: int = 0o600) -> Member:
    """Return a member that is made here."""
    return Member(path, mode, os.getuid(), os.getgid(), size=len(content), content=content)


def walk(data: Path, database: str, snapshot: Path, not_data: frozenset[str], events: Events) -> Iterator[Member]:
    """Yield the data root, the database's snapshot in the place of the database, and all else below the root.

    ``not_data`` are the names in the root that belong to the live database. Call it after the snapshot was taken: then
    no row of it names a file that isn't there yet. Links, devices and names that no archive may hold are left out, with
    a warning; sockets, locks and unfinished files without.
    """
    root = data.stat()
    yield _member(tar_names.DATA, root, folder=True)
    owner, copy = (data / database).stat(), snapshot.stat()
    yield Member(
        f"{tar_names.DATA}/{database}",
        stat.S_IMODE(owner.st_mode) & 0o777,
        owner.st_uid,
        owner.st_gid,
        size=copy.st_size,
        mtime=int(copy.st_mtime),
        source=snapshot,
    )
    yield from _below(data, tar_names.DATA, not_data | OURS | {database}, events)


def weigh(data: Path, not_data: frozenset[str]) -> int:
    """Return the bytes of all files below a data root that :func:`walk` would take, without the database."""
    total = 0
    for folder, folders, files in os.walk(data):
        top = Path(folder) == data
        folders[:] = [name for name in folders if not (top and name in OURS)]
        for name in files:
            if not (top and name in not_data):
                try:
                    total += (Path(folder) / name).lstat().st_size
                except FileNotFoundError:
                    continue
    return total


def _below(folder: Path, name: str, left_out: frozenset[str], events: Events) -> Iterator[Member]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    except PermissionError as error:
        raise ArchiveError(
            f"{folder} can't be read: {error.strerror}.",
            code="source_damaged",
            hint="Everything in the data volume must belong to the backend's user (id 10001).",
        ) from error
    for entry in entries:
        if entry.name in left_out or entry.name.endswith(UNFINISHED):
            continue
        path = f"{name}/{entry.name}"
        try:
            about = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            events.warning("vanished", f"{path!r} was removed while the backup was made.")
            continue
        if stat.S_ISSOCK(about.st_mode):
            continue
        if why := tar_names.problem(path):
            events.warning("skipped", f"{path!r} was left out: its name {why}.")
        elif stat.S_ISDIR(about.st_mode):
            yield _member(path, about, folder=True)
            yield from _below(folder / entry.name, path, frozenset(), events)
        elif stat.S_ISREG(about.st_mode):
            yield _member(path, about, source=folder / entry.name)
        else:
            events.warning("skipped", f"{path!r} was left out: it is neither a file nor a folder.")


def _member(path: str, about: os.stat_result, *, folder: bool = False, source: Path | None = None) -> Member:
    return Member(
        path,
        stat.S_IMODE(about.st_mode) & 0o777,
        about.st_uid,
        about.st_gid,
        size=0 if folder else about.st_size,
        mtime=int(about.st_mtime),
        source=source,
        folder=folder,
    )
