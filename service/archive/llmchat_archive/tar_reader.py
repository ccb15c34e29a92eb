"""Read tar members from a stream that nobody vouches for. What isn't known to be harmless is refused.

Regular files and folders with plain, unique, relative names, in the order of an archive of ours: nothing else. Headers
are bounded before they are read. Format: POSIX.1-2001 pax interchange format, ustar headers.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass

from llmchat_archive import tar_names
from llmchat_archive.errors import ArchiveError
from llmchat_archive.stream import ArchiveReader

MAX_RATIO = 1000
RATIO_FREE = 64 * 1024**2
"""An archive that grows more than this on unpacking is no backup but a bomb."""

MAX_MEMBERS = 2_000_000
"""More than a manifest can name: each takes over a hundred bytes of it, and memory here."""

MAX_OWNER = 2**32 - 2
"""The greatest user or group id of Linux; the next one means "none"."""

MAX_DIGITS = 18
MAX_EXTENDED = 64 * 1024
MAX_AFTER_END = 1024**2
_BLOCK = 512
_PIECE = 1024**2
_ALLOWED_EXTENDED = frozenset({"path", "size", "mtime", "uid", "gid"})


@dataclass(frozen=True, slots=True)
class Found:
    """One member, before its bytes."""

    path: str
    folder: bool
    mode: int
    uid: int
    gid: int
    size: int


class TarReader:
    """Iterate over members; read each one's bytes, all of them, with :meth:`content` before going on.

    Raises ArchiveError ``hostile_member``, ``duplicate_member``, ``damaged``, ``bomb``, and those of the stream.
    """

    def __init__(self, stream: ArchiveReader) -> None:
        self._stream = stream
        self._left = 0
        self._out = 0
        self._bound = MAX_RATIO * stream.total + RATIO_FREE

    def __iter__(self) -> Iterator[Found]:
        """Yield the members up to the end of the archive, after which nothing may follow."""
        seen: set[str] = set()
        folders: set[str] = set()
        stage = -1
        while (found := self._next()) is not None:
            _refuse_name(found)
            if found.path in seen:
                raise ArchiveError(f"The archive holds {found.path!r} twice.", code="duplicate_member")
            parent = found.path.rpartition("/")[0]
            if found.path.startswith(f"{tar_names.DATA}/") and parent not in folders:
                raise _hostile(found.path, "doesn't lie in a folder of the archive")
            reached = tar_names.place(found.path, folder=found.folder)
            if reached is None:
                raise _hostile(found.path, "doesn't belong into a backup")
            if reached < stage or (stage < 0 and reached != 0):
                raise _hostile(found.path, "is in the wrong place")
            if tar_names.limit(found.path) is not None and found.size > (tar_names.limit(found.path) or 0):
                raise _hostile(found.path, "is too large")
            if len(seen) >= MAX_MEMBERS:
                raise ArchiveError("The archive holds more files than any backup.", code="bomb")
            stage = reached
            seen.add(found.path)
            if found.folder:
                folders.add(found.path)
            yield found
            if self._left:
                raise RuntimeError("a member's bytes were left unread")

    def content(self, found: Found) -> Iterator[bytes]:
        """Yield a member's bytes."""
        while self._left > 0:
            piece = self._read(min(_PIECE, self._left))
            self._left -= len(piece)
            yield piece
        self._exactly(-found.size % _BLOCK)

    def _next(self) -> Found | None:
        extended: dict[str, str] = {}
        while True:
            block = self._exactly(_BLOCK)
            if block.count(0) == _BLOCK:
                if extended:
                    raise ArchiveError("The archive ends within a member.", code="damaged")
                self._end()
                return None
            try:
                info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
            except tarfile.HeaderError as error:
                raise ArchiveError(f"The archive is damaged: {error}.", code="damaged") from error
            if info.type == tarfile.XHDTYPE and not extended:
                extended = self._extended(info.size)
                continue
            return self._found(info, extended)

    def _found(self, info: tarfile.TarInfo, extended: dict[str, str]) -> Found:
        name = extended.get("path", info.name)
        if info.type not in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE):
            raise _hostile(name, "is neither a file nor a folder")
        folder = info.type == tarfile.DIRTYPE
        size, uid, gid = (_number(extended.get(key), getattr(info, key)) for key in ("size", "uid", "gid"))
        if min(size, uid, gid) < 0 or max(uid, gid) > MAX_OWNER or info.mode & ~0o777 or (folder and size):
            raise _hostile(name, "has a header that makes no sense")
        self._left = size
        return Found(name.removesuffix("/") if folder else name, folder, info.mode, uid, gid, size)

    def _extended(self, size: int) -> dict[str, str]:
        """Read an extended header: records of a length, a blank, ``KEY=VALUE`` and a line feed."""
        if not 0 < size <= MAX_EXTENDED:
            raise _hostile("an extended header", "has a length that makes no sense")
        data = self._exactly(size)
        self._exactly(-size % _BLOCK)
        found: dict[str, str] = {}
        while data:
            length_text, _, _ = data.partition(b" ")
            length = int(length_text) if length_text.isdigit() and len(length_text) < 6 else 0  # noqa: PLR2004 - 64 KiB
            record, data = data[:length], data[length:]
            key, equals, value = record[len(length_text) + 1 :].decode("utf-8", "surrogateescape").partition("=")
            if not record.endswith(b"\n") or not equals or key not in _ALLOWED_EXTENDED or key in found:
                raise _hostile("an extended header", "says what no backup says")
            found[key] = value.removesuffix("\n")
        return found

    def _end(self) -> None:
        after = 0
        while piece := self._read(_PIECE, at_end=True):
            after += len(piece)
            if piece.count(0) != len(piece) or after > MAX_AFTER_END:
                raise ArchiveError("Something follows the end of the archive.", code="damaged")
        if after < _BLOCK:
            raise ArchiveError("The archive is cut: its end is missing.", code="damaged")

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            data += self._read(size - len(data))
        return data

    def _read(self, size: int, *, at_end: bool = False) -> bytes:
        data = self._stream.read(size) or b""
        if not data and not at_end:
            raise ArchiveError("The archive is cut: its end is missing.", code="damaged")
        self._out += len(data)
        if self._out > self._bound:
            raise ArchiveError("The archive grows beyond all measure when it is unpacked.", code="bomb")
        return data


def _number(text: str | None, otherwise: int) -> int:
    """Read a number of an extended header, -1 where it is none that a header could hold."""
    if text is None:
        return otherwise
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else -1


def _refuse_name(found: Found) -> None:
    if why := tar_names.problem(found.path):
        raise _hostile(found.path, why)


def _hostile(name: str, why: str) -> ArchiveError:
    return ArchiveError(
        f"The archive was not made by llmchat-deploy: {name!r} {why}.",
        code="hostile_member",
        hint="Nothing was restored. Somebody may have changed the file; use another backup.",
    )
