"""Archives made by hand: as this release writes them, and as somebody who means harm would."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from llmchat_archive import age, tar_names
from llmchat_archive.collect import Member, small
from llmchat_archive.model import Database, Entry, Header, Manifest
from llmchat_archive.stream import ArchiveWriter
from llmchat_archive.writer import Written, write_archive

from tests.unit.archive.told import Told

PROJECT = "llmchat-test"
HEADER = Header("20261125-033100-0001", PROJECT, "test", "manual", "2026-11-25T03:31:00+00:00", encrypted=False)
DATABASE = Database("sqlite", "3.51.3", "0001", 0, 0, {"users": 1}, 0, "ok")
END = bytes(1024)


@dataclass
class Piece:
    """One member of an archive; ``extended`` are the records of a PAX header before it."""

    name: str
    content: bytes = b""
    type: bytes = tarfile.REGTYPE
    linkname: str = ""
    mode: int = 0o640
    uid: int = 10001
    extended: dict[str, str] = field(default_factory=dict)
    size: int | None = None

    def block(self) -> bytes:
        """Return the header, the content and what fills the last block."""
        info = tarfile.TarInfo(self.name)
        info.type, info.linkname, info.mode = self.type, self.linkname, self.mode
        info.uid = info.gid = self.uid
        info.size = len(self.content) if self.size is None else self.size
        info.pax_headers = dict(self.extended)
        head = info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
        return head + self.content + bytes(-len(self.content) % 512)

    def entry(self) -> Entry:
        """Return what a manifest says about it."""
        folder = self.type == tarfile.DIRTYPE
        digest = "" if folder else hashlib.sha256(self.content).hexdigest()
        kind = "dir" if folder else "file"
        return Entry(self.name, kind, self.mode, self.uid, self.uid, len(self.content), digest)


def folder(name: str) -> Piece:
    return Piece(name, type=tarfile.DIRTYPE, mode=0o750)


def pieces() -> list[Piece]:
    """Return the members of a small backup, without its manifest."""
    return [
        Piece(tar_names.HEADER, json.dumps(HEADER.to_json()).encode()),
        Piece("release.json", b'{"release": "r1"}'),
        folder("data"),
        Piece("data/llmchat.db", b"rows" * 500),
        folder("data/attachments"),
        Piece("data/attachments/ab", bytes(range(256)) * 8),
    ]


def manifest_of(members: Iterable[Piece], **changes: Any) -> Piece:
    """Return the manifest that belongs to members; ``changes`` are fields of its JSON."""
    manifest = Manifest(HEADER, tuple(member.entry() for member in members), DATABASE, {"tool": "1"})
    return Piece(tar_names.MANIFEST, json.dumps(manifest.to_json() | changes).encode())


def tar_of(members: Iterable[Piece]) -> bytes:
    return b"".join(member.block() for member in members) + END


def pack(path: Path, tar: bytes, recipients: Sequence[str] = ()) -> Path:
    """Compress, and encrypt for recipients."""
    path.unlink(missing_ok=True)
    writer = ArchiveWriter(path, age.parse_recipients(recipients))
    writer.write(tar)
    writer.close()
    return path


def altered(path: Path, change: Callable[[list[Piece]], object], *, honest: bool = True) -> Path:
    """Pack a small backup whose list of members was changed; an ``honest`` manifest names what is there then."""
    members = pieces()
    change(members)
    named = members if honest else pieces()
    return pack(path, tar_of([*members, manifest_of(named)]))


def write(path: Path, members: Iterable[Member], recipients: Sequence[str] = (), **options: Any) -> Written:
    """Write an archive with the real writer."""
    return write_archive(
        path,
        header=replace(HEADER, encrypted=bool(recipients)),
        members=members,
        database=DATABASE,
        versions={"tool": "1"},
        recipients=age.parse_recipients(recipients),
        events=options.pop("events", None) or Told(),
        **options,
    )


def members_of(contents: dict[str, bytes]) -> list[Member]:
    """Return members of a data root with these files; folders are made for them."""
    found = [Member("data", 0o750, 10001, 10001, folder=True)]
    known = {"data"}
    for path, content in contents.items():
        above = path.rpartition("/")[0]
        if above not in known:
            known.add(above)
            found.append(Member(above, 0o750, 10001, 10001, folder=True))
        found.append(replace(small(path, content), uid=10001, gid=10001))
    return found


def raw_header(name: bytes, size: bytes, kind: bytes, magic: bytes = b"ustar\x0000") -> bytes:
    """Return a tar header with these very bytes in its fields, and a checksum that is right."""
    block = bytearray(512)
    block[0 : len(name)] = name
    block[100:108] = block[108:116] = block[116:124] = b"0000640\x00"
    block[124 : 124 + len(size)] = size
    block[136:148] = b"00000000000\x00"
    block[148:156] = b" " * 8
    block[156:157] = kind
    block[257 : 257 + len(magic)] = magic
    block[148:156] = f"{sum(block):06o}\x00 ".encode()
    return bytes(block)


def listing(tar: bytes) -> list[str]:
    """Return the names that the standard library's reader finds."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        return archive.getnames()
