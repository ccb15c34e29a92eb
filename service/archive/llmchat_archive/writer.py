"""Write an archive: tar (PAX, numeric owners), the manifest last. Debian's tar, zstd and age read it."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from llmchat_archive import tar_names
from llmchat_archive.age import Recipient
from llmchat_archive.collect import Member, open_source, small, unreadable
from llmchat_archive.errors import ArchiveError
from llmchat_archive.events import Events
from llmchat_archive.model import Database, Entry, Header, Manifest
from llmchat_archive.stream import ArchiveWriter

_BLOCK = 512
_PIECE = 1024**2


@dataclass(frozen=True, slots=True)
class Written:
    """A written archive: the digest and size of its file, and what is in it."""

    sha256: str
    bytes: int
    manifest: Manifest


def write_archive(  # noqa: PLR0913 - the parts of an archive
    path: Path,
    *,
    header: Header,
    members: Iterable[Member],
    database: Database,
    versions: Mapping[str, str],
    recipients: Sequence[Recipient],
    events: Events,
    total: int = 0,
    warnings: Sequence[str] = (),
) -> Written:
    """Write the new file ``path`` and wait until the disk has it; a failed one is left to the caller to remove.

    ``members`` come in the order of :mod:`tar_names` and are taken one by one. ``warnings`` is read at the end. Raises
    OSError of writing, and ArchiveError ``source_damaged`` for a file that can't be read or shrinks meanwhile.
    """
    out = ArchiveWriter(path, recipients)
    try:
        entries, done = [], 0
        first = small(tar_names.HEADER, _json(header.to_json()))
        for member in chain((first,), members):
            entry = _write(out, member, events, done, total)
            if entry is not None:
                entries.append(entry)
                done += entry.size
        manifest = Manifest(header, tuple(entries), database, dict(versions), tuple(warnings))
        _write(out, _last(manifest), events, done, total)
        out.write(bytes(2 * _BLOCK))
        out.close()
    except BaseException:
        out.abort()
        raise
    events.progress("write", max(done, total), max(done, total))
    return Written(out.sha256, out.bytes, manifest)


def _last(manifest: Manifest) -> Member:
    content = _json(manifest.to_json())
    if len(content) > tar_names.MANIFEST_MAX:
        raise ArchiveError(f"A backup can't hold {len(manifest.entries)} files.", code="write_failed")
    return small(tar_names.MANIFEST, content)


def _write(out: ArchiveWriter, member: Member, events: Events, done: int, total: int) -> Entry | None:
    """Write one member; None for a file that is gone."""
    if member.source is None:
        content = member.content
        _head(out, member)
        out.write(content + bytes(-len(content) % _BLOCK))
        return _entry(member, hashlib.sha256(content).hexdigest())
    descriptor = open_source(member)
    if descriptor is None:
        events.warning("vanished", f"{member.path!r} was removed while the backup was made.")
        return None
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        member = replace(member, size=os.fstat(descriptor).st_size)
        _head(out, member)
        digest, left = hashlib.sha256(), member.size
        while left:
            try:
                piece = file.read(min(_PIECE, left))
            except OSError as error:
                raise unreadable(member, error) from error
            if not piece:
                raise ArchiveError(
                    f"{member.path!r} became shorter while it was read.",
                    code="source_damaged",
                    hint="Make the backup again; if it happens again, something else writes into the data volume.",
                )
            digest.update(piece)
            out.write(piece)
            left -= len(piece)
            events.progress("write", done + member.size - left, total)
    out.write(bytes(-member.size % _BLOCK))
    return _entry(member, digest.hexdigest())


def _head(out: ArchiveWriter, member: Member) -> None:
    info = tarfile.TarInfo(member.path)
    info.type = tarfile.DIRTYPE if member.folder else tarfile.REGTYPE
    info.mode, info.uid, info.gid = member.mode, member.uid, member.gid
    info.size, info.mtime = member.size, member.mtime
    out.write(info.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict"))


def _entry(member: Member, sha256: str) -> Entry:
    return Entry(
        member.path,
        "dir" if member.folder else "file",
        member.mode,
        member.uid,
        member.gid,
        member.size,
        "" if member.folder else sha256,
    )


def _json(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1).encode() + b"\n"
