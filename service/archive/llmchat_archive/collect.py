"""The members of an archive: the small ones, the database's snapshot, and every other file of the data root."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from llmchat_archive import tar_names
from llmchat_archive.errors import ArchiveError
from llmchat_archive.events import Events

OURS = frozenset({"lost+found", ".llmchat-restoring"})
"""Names in a data root that are not data."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK

UNFINISHED = (".part", ".lock")


@dataclass(frozen=True, slots=True)
class Member:
    """A file or folder that goes into an archive; a file's bytes come from ``source``, or are ``content``.

    No part of ``source`` below ``beneath`` may be a link.
    """

    path: str
    mode: int
    uid: int
    gid: int
    size: int = 0
    mtime: int = 0
    source: Path | None = None
    beneath: Path | None = None
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
    yield from _below(data, data, not_data | OURS | {database}, events)


def open_source(member: Member) -> int | None:
    """Open a member's source for reading and return its descriptor, None where the file is gone.

    The service may write while this runs: what was a folder when it was listed may be a link by now, and is refused.
    Raises ArchiveError ``source_damaged``.
    """
    if member.source is None:
        raise TypeError("a member that is made here has no source")
    beneath = member.beneath or member.source.parent
    *folders, name = member.source.relative_to(beneath).parts
    at: int | None = None
    try:
        at = os.open(beneath, _FOLDER)
        for folder in folders:
            above, at = at, os.open(folder, _FOLDER | os.O_NOFOLLOW, dir_fd=at)
            os.close(above)
        descriptor = os.open(name, _FILE, dir_fd=at)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(member, error) from error
    finally:
        if at is not None:
            os.close(at)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ArchiveError(f"{member.path!r} was exchanged while it was read.", code="source_damaged")
    return descriptor


def unreadable(member: Member, error: OSError) -> ArchiveError:
    """Say why a member's source can't be read."""
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return ArchiveError(f"{member.path!r} was exchanged while it was read.", code="source_damaged")
    return ArchiveError(
        f"{member.path!r} can't be read: {error.strerror}.",
        code="source_damaged",
        hint="Look at its owner and its disk.",
    )


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


def _below(data: Path, folder: Path, left_out: frozenset[str], events: Events) -> Iterator[Member]:
    below = folder.relative_to(data).as_posix()
    name = tar_names.DATA if folder == data else f"{tar_names.DATA}/{below}"
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
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
            yield from _below(data, folder / entry.name, frozenset(), events)
        elif stat.S_ISREG(about.st_mode):
            yield replace(_member(path, about), source=folder / entry.name, beneath=data)
        else:
            events.warning("skipped", f"{path!r} was left out: it is neither a file nor a folder.")


def _member(path: str, about: os.stat_result, *, folder: bool = False) -> Member:
    return Member(
        path,
        stat.S_IMODE(about.st_mode) & 0o777,
        about.st_uid,
        about.st_gid,
        size=0 if folder else about.st_size,
        mtime=int(about.st_mtime),
        folder=folder,
    )
