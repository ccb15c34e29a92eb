"""Read an archive back: all of it, against its manifest. Extracting is reading with somewhere to put it."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from llmchat_archive import tar_names
from llmchat_archive.age import Identity
from llmchat_archive.errors import ArchiveError
from llmchat_archive.events import Events
from llmchat_archive.model import Entry, Header, Manifest
from llmchat_archive.stream import ArchiveReader
from llmchat_archive.tar_reader import Found, TarReader

RESERVE = 32 * 1024**2
"""Bytes that stay free where an archive is extracted."""

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def read_header(path: Path, identities: Sequence[Identity]) -> Header:
    """Return whose backup a file says it is; nothing after that was looked at.

    Raises ArchiveError ``not_an_archive``, ``key_missing``, ``wrong_key``, ``damaged``, ``format_unknown``.
    """
    with _opened(path, identities) as stream:
        archive = TarReader(stream)
        for found in archive:
            return Header.from_json(_json(b"".join(archive.content(found))))
    raise ArchiveError("The archive is empty.", code="damaged")


def extract_small(path: Path, identities: Sequence[Identity], names: Sequence[str]) -> dict[str, bytes]:
    """Return small members by name (``release.json``, ``config/…``), without those that aren't there.

    The archive is read up to its data only: verify it before anything is done with them.
    """
    wanted: dict[str, bytes] = {}
    with _opened(path, identities) as stream:
        archive = TarReader(stream)
        for found in archive:
            if tar_names.limit(found.path) is None:
                break
            content = b"".join(archive.content(found))
            if found.path in names:
                wanted[found.path] = content
    return wanted


def verify_archive(
    path: Path, identities: Sequence[Identity], events: Events, *, project: str | None = None, sha256: str | None = None
) -> Manifest:
    """Read everything and hold it against the manifest, and the file against ``sha256`` where it is known.

    Raises ArchiveError: those of the stream and of the members, ``manifest_mismatch``, ``foreign``, ``damaged``.
    """
    with _opened(path, identities) as stream:
        manifest = _read_through(stream, None, events, "verify", project)
        if sha256 is not None and stream.sha256 != sha256:
            raise ArchiveError(
                f"{path.name} is not the file that was written: its digest is another one.", code="damaged"
            )
    return manifest


def extract(
    path: Path, identities: Sequence[Identity], target: Path, events: Events, *, project: str | None = None
) -> Manifest:
    """Extract everything into the empty folder ``target``, with modes, and owners where this user may set them.

    Until it returns, nothing in ``target`` may be used. Raises what :func:`verify_archive` raises, and ``no_space``.
    """
    with _opened(path, identities) as stream:
        manifest = _read_through(stream, target, events, "extract", project)
    for entry in reversed(manifest.entries):  # what lies in a folder first: its mode may forbid to go on
        _settle(target / entry.path, entry)
    _sync(target)
    return manifest


@contextmanager
def _opened(path: Path, identities: Sequence[Identity]) -> Iterator[ArchiveReader]:
    try:
        stream = ArchiveReader(path, identities)
    except FileNotFoundError:
        raise ArchiveError(
            f"There is no file {path.name}.", code="not_found", hint="List the backups: llmchat-deploy backup list"
        ) from None
    try:
        yield stream
    finally:
        stream.close()


def _read_through(
    stream: ArchiveReader, target: Path | None, events: Events, stage: str, project: str | None
) -> Manifest:
    archive = TarReader(stream)
    entries: list[Entry] = []
    header: Header | None = None
    manifest: Manifest | None = None
    for found in archive:
        if tar_names.limit(found.path) is not None:
            content = b"".join(archive.content(found))
            if header is None:
                header = Header.from_json(_json(content))
                _refuse_foreign(header, project)
            if found.path == tar_names.MANIFEST:
                manifest = Manifest.from_json(_json(content))
                continue
            pieces: Iterator[bytes] = iter((content,))
        else:
            pieces = archive.content(found)
        entries.append(_take(found, pieces, target, stream, events, stage))
    events.progress(stage, stream.total, stream.total)
    if manifest is None or header is None:
        raise ArchiveError("The archive has no manifest: it is cut.", code="damaged")
    if manifest.header != header or list(manifest.entries) != entries:
        raise ArchiveError(
            f"The archive isn't what its manifest says: {_difference(manifest, entries)}.", code="manifest_mismatch"
        )
    return manifest


def _take(  # noqa: PLR0913, PLR0917 - one member on its way
    found: Found, pieces: Iterator[bytes], target: Path | None, stream: ArchiveReader, events: Events, stage: str
) -> Entry:
    """Digest a member, and write it where there is a target."""
    path = target / found.path if target else None
    if found.folder:
        if path:
            path.mkdir(mode=0o700)
        return Entry(found.path, "dir", found.mode, found.uid, found.gid)
    digest = hashlib.sha256()
    if path is None:
        for piece in pieces:
            digest.update(piece)
            events.progress(stage, stream.done, stream.total)
    else:
        if found.size > shutil.disk_usage(path.parent if path.parent.exists() else path.parents[1]).free - RESERVE:
            raise _no_room()
        path.parent.mkdir(mode=0o700, exist_ok=True)  # config/ has no entry of its own
        try:
            with path.open("xb", buffering=0) as file:
                for piece in pieces:
                    _write(file.fileno(), piece)
                    digest.update(piece)
                    events.progress(stage, stream.done, stream.total)
        except OSError as error:
            if error.errno in NO_ROOM:
                raise _no_room() from error
            raise
    return Entry(found.path, "file", found.mode, found.uid, found.gid, found.size, digest.hexdigest())


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _settle(path: Path, entry: Entry) -> None:
    if os.geteuid() == 0:
        os.chown(path, entry.uid, entry.gid, follow_symlinks=False)
    path.chmod(entry.mode)


def _sync(folder: Path) -> None:
    """Wait until the disk has everything on this file system: one call instead of one for each of many small files."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            syncfs = ctypes.CDLL(None, use_errno=True).syncfs
        except (AttributeError, OSError):
            os.sync()
            return
        if syncfs(descriptor) != 0:  # what was written earlier didn't reach the disk: only this call says so
            number = ctypes.get_errno()
            raise _no_room() if number in NO_ROOM else OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(descriptor)


def _refuse_foreign(header: Header, project: str | None) -> None:
    if project is not None and header.project != project:
        raise ArchiveError(
            f"This backup is of the project '{header.project}', not of '{project}'.",
            code="foreign",
            hint="Restore it in the environment that it was made of.",
        )


def _difference(manifest: Manifest, entries: list[Entry]) -> str:
    said = {entry.path: entry for entry in manifest.entries}
    there = {entry.path: entry for entry in entries}
    for path in sorted(said.keys() | there.keys()):
        if path not in there:
            return f"{path!r} is missing"
        if path not in said:
            return f"{path!r} is too much"
        if said[path] != there[path]:
            return f"{path!r} differs"
    return "its header or its order differs"


def _json(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ArchiveError("A description in the archive isn't JSON.", code="damaged") from error


def _no_room() -> ArchiveError:
    return ArchiveError(
        "There is no room to extract the backup.",
        code="no_space",
        hint="Free some space where Docker keeps its volumes: docker system df",
    )
