"""Archives that nobody vouches for: what isn't known to be harmless is refused, before a byte of it is put anywhere."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llmchat_archive import reader, tar_names, tar_reader
from llmchat_archive.errors import ArchiveError

from tests.unit.archive.crafted import (
    END,
    Piece,
    altered,
    folder,
    manifest_of,
    pack,
    pieces,
    raw_header,
    tar_of,
)
from tests.unit.archive.told import Told

HOSTILE, TWICE, DAMAGED, BOMB = "hostile_member", "duplicate_member", "damaged", "bomb"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/staging").mkdir()
    return tmp_path / "outside/staging"


def refused(path: Path, target: Path) -> ArchiveError:
    """Return what both verifying and extracting refuse an archive with; nothing may lie beside the staging folder."""
    beside = sorted(target.parents[1].rglob("*"))
    with pytest.raises(ArchiveError) as extracting:
        reader.extract(path, (), target, Told())
    inside = {path for path in target.rglob("*") if path.is_symlink() or not (path.is_file() or path.is_dir())}
    assert not inside
    assert [path for path in sorted(target.parents[1].rglob("*")) if target not in path.parents] == beside
    with pytest.raises(ArchiveError) as verifying:
        reader.verify_archive(path, (), Told())
    assert (verifying.value.code, str(verifying.value)) == (extracting.value.code, str(extracting.value))
    assert "\n" not in str(verifying.value)
    assert "\x1b" not in str(verifying.value)
    return verifying.value


def put(piece: Piece, at: int = 6) -> Callable[[list[Piece]], object]:
    return lambda members: members.insert(at, piece)


def exchange(first: int, second: int) -> Callable[[list[Piece]], object]:
    def change(members: list[Piece]) -> None:
        members[first], members[second] = members[second], members[first]

    return change


MEMBERS = {
    "absolute": (put(Piece("/etc/passwd", b"x")), HOSTILE),
    "absolute, extended": (put(Piece("data/x", b"x", extended={"path": "/etc/passwd"})), HOSTILE),
    "up": (put(Piece("data/../../x", b"x")), HOSTILE),
    "up at once": (put(Piece("../x", b"x")), HOSTILE),
    "up at the end": (put(folder("data/..")), HOSTILE),
    "here": (put(Piece("data/./x", b"x")), HOSTILE),
    "doubled slash": (put(Piece("data//x", b"x")), HOSTILE),
    "backslash": (put(Piece("data/..\\x", b"x")), HOSTILE),
    "line feed": (put(Piece("data/a\nb", b"x")), HOSTILE),
    "escape": (put(Piece("data/\x1b[2J", b"x")), HOSTILE),
    "no UTF-8": (put(Piece("data/x", b"x", extended={"path": "data/\udcff"})), HOSTILE),
    "long part": (put(Piece("data/" + "x" * 256, b"x")), HOSTILE),
    "long name": (put(Piece("data/" + "x/" * 520 + "x", b"x")), HOSTILE),
    "deep": (put(Piece("data/" + "x/" * 70 + "x", b"x")), HOSTILE),
    "symbolic link": (put(Piece("data/x", type=tarfile.SYMTYPE, linkname="/etc")), HOSTILE),
    "hard link": (put(Piece("data/x", type=tarfile.LNKTYPE, linkname="data/llmchat.db")), HOSTILE),
    "character device": (put(Piece("data/x", type=tarfile.CHRTYPE)), HOSTILE),
    "block device": (put(Piece("data/x", type=tarfile.BLKTYPE)), HOSTILE),
    "pipe": (put(Piece("data/x", type=tarfile.FIFOTYPE)), HOSTILE),
    "contiguous": (put(Piece("data/x", b"x", type=tarfile.CONTTYPE)), HOSTILE),
    "sparse": (put(Piece("data/x", type=tarfile.GNUTYPE_SPARSE)), HOSTILE),
    "GNU long name": (put(Piece("././@LongLink", b"../x\0", type=tarfile.GNUTYPE_LONGNAME)), HOSTILE),
    "GNU long link": (put(Piece("././@LongLink", b"../x\0", type=tarfile.GNUTYPE_LONGLINK)), HOSTILE),
    "global header": (put(Piece("x", b"12 path=../\n", type=tarfile.XGLTYPE)), HOSTILE),
    "unknown type": (put(Piece("data/x", type=b"Z")), HOSTILE),
    "set user id": (put(Piece("data/x", b"x", mode=0o4755)), HOSTILE),
    "no such user": (put(Piece("data/x", b"x", uid=2**32 - 1)), HOSTILE),
    "link in an extended header": (put(Piece("data/x", b"x", extended={"linkpath": "/etc"})), HOSTILE),
    "sparse, extended": (put(Piece("data/x", b"x", extended={"GNU.sparse.size": "99999999999"})), HOSTILE),
    "attribute": (put(Piece("data/x", b"x", extended={"SCHILY.xattr.user.x": "1"})), HOSTILE),
    "folder with bytes": (put(Piece("data/x", b"x", type=tarfile.DIRTYPE)), HOSTILE),
    "unknown place": (put(Piece("etc/passwd", b"x")), HOSTILE),
    "data is a file": (lambda members: members.__setitem__(2, Piece("data", b"x")), HOSTILE),
    "no folder": (put(Piece("data/none/x", b"x")), HOSTILE),
    "file as a folder": (put(Piece("data/llmchat.db/x", b"x")), HOSTILE),
    "config in a folder": (put(Piece("config/a/b", b"x"), 2), HOSTILE),
    "twice": (put(Piece("data/llmchat.db", b"other")), TWICE),
    "folder twice": (put(folder("data/attachments")), TWICE),
    "no header": (lambda members: members.pop(0), HOSTILE),
    "header later": (exchange(0, 1), HOSTILE),
    "release later": (exchange(1, 3), HOSTILE),
    "config later": (put(Piece("config/env", b"x")), HOSTILE),
    "a small one is large": (put(Piece("config/env", bytes(tar_names.SMALL + 1)), 2), HOSTILE),
}


@pytest.mark.parametrize(("change", "code"), MEMBERS.values(), ids=MEMBERS)
def test_a_member_that_does_not_belong_into_a_backup_is_refused(
    tmp_path: Path, target: Path, change: Callable[[list[Piece]], object], code: str
) -> None:
    found = refused(altered(tmp_path / "archive", change), target)

    assert (found.code, bool(found.hint)) == (code, code == HOSTILE)


def test_what_is_not_altered_is_taken(tmp_path: Path, target: Path) -> None:
    manifest = reader.extract(altered(tmp_path / "archive", lambda _members: None), (), target, Told())

    assert [entry.path for entry in manifest.entries] == [piece.name for piece in pieces()]
    assert (target / "data/attachments/ab").read_bytes() == bytes(range(256)) * 8


WHOLE = [*pieces(), manifest_of(pieces())]
LONG = b"27 path=data/attachments/x\n"
TARS = {
    "a member after the manifest": (tar_of([*WHOLE, Piece("data/late", b"x")]), HOSTILE),
    "the manifest twice": (tar_of([*WHOLE, WHOLE[-1]]), TWICE),
    "no manifest": (tar_of(pieces()), DAMAGED),
    "an empty archive": (END, DAMAGED),
    "nothing": (b"", DAMAGED),
    "one empty block at the end": (tar_of(WHOLE)[:-512], DAMAGED),
    "no end": (tar_of(WHOLE)[:-1024], DAMAGED),
    "something after the end": (tar_of(WHOLE) + b"x" * 512, DAMAGED),
    "an archive after the end": (tar_of(WHOLE) * 2, DAMAGED),
    "zeros without end": (tar_of(WHOLE) + bytes(2 * 1024**2), DAMAGED),
    "a wrong checksum": (b"X" + tar_of(WHOLE)[1:], DAMAGED),
    "text": (b"text " * 1000, DAMAGED),
    "a negative size": (raw_header(b"llmchat-backup.json", b"\xff" * 12, b"0") + END, HOSTILE),
    "a size that is no number": (raw_header(b"llmchat-backup.json", b"99999999999\x00", b"0") + END, DAMAGED),
    "eight exabytes": (raw_header(b"llmchat-backup.json", b"\x80\0\0\0\x7f" + b"\xff" * 7, b"0") + END, HOSTILE),
    "an extended header of a gigabyte": (raw_header(b"x", b"10000000000\x00", b"x") + END, HOSTILE),
    "an empty extended header": (raw_header(b"x", b"00000000000\x00", b"x") + END, HOSTILE),
    "an extended header of a negative size": (raw_header(b"x", b"\xff" * 12, b"x") + END, HOSTILE),
    "two extended headers": ((raw_header(b"x", b"00000000033\x00", b"x") + LONG + bytes(485)) * 2 + END, HOSTILE),
    "an extended header at the end": (raw_header(b"x", b"00000000033\x00", b"x") + LONG + bytes(485) + END, DAMAGED),
}  # fmt: skip


@pytest.mark.parametrize(("tar", "code"), TARS.values(), ids=TARS)
def test_an_archive_of_another_shape_is_refused(tmp_path: Path, target: Path, tar: bytes, code: str) -> None:
    assert refused(pack(tmp_path / "archive", tar), target).code == code


RECORDS = [
    b"99 path=x\n", b"0 path=x\n", b"-9 path=x\n", b"x path=x\n", b"9 path=x", b"9 path x\n", b"99999999 path=x\n",
    b"10 path=x\n11 path=yy\n", b"9 size=x\n", b"11 size=-1\n", b"9 size=\n1", b"\n", b"12 size=1_0\n",
    b"12 size= 10\n", "12 size=٣\n".encode(), b"60 size=" + b"9" * 51 + b"\n",
]  # fmt: skip


@pytest.mark.parametrize("record", RECORDS)
def test_records_of_an_extended_header_that_make_no_sense_are_refused(
    tmp_path: Path, target: Path, record: bytes
) -> None:
    header = Piece("x", record, type=tarfile.XHDTYPE).block()

    assert refused(pack(tmp_path / "archive", header + tar_of(WHOLE)), target).code == HOSTILE


@given(st.binary(max_size=200))
@settings(max_examples=40, deadline=None)
def test_no_extended_header_at_all_makes_the_reader_fail_otherwise(tmp_path_factory, record: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any-extended"
    pack(path, Piece("x", record, type=tarfile.XHDTYPE).block() + tar_of(WHOLE))
    with suppress(ArchiveError):  # whatever it is, it is told as one
        reader.verify_archive(path, (), Told())


def test_zeros_that_unpack_to_more_than_any_backup_are_refused(tmp_path: Path, target: Path, monkeypatch) -> None:
    monkeypatch.setattr(tar_reader, "MAX_RATIO", 20)
    monkeypatch.setattr(tar_reader, "RATIO_FREE", 100_000)
    members = [*pieces(), Piece("data/zeros", bytes(3_000_000))]

    assert refused(pack(tmp_path / "archive", tar_of([*members, manifest_of(members)])), target).code == BOMB


def test_more_members_than_a_manifest_can_name_are_refused(tmp_path: Path, target: Path, monkeypatch) -> None:
    monkeypatch.setattr(tar_reader, "MAX_MEMBERS", 6)

    assert refused(pack(tmp_path / "archive", tar_of(WHOLE)), target).code == BOMB


def test_a_members_size_may_stand_in_an_extended_header(tmp_path: Path) -> None:
    members = pieces()
    members[3].extended = {"size": str(len(members[3].content)), "mtime": "12.5"}
    found = reader.verify_archive(pack(tmp_path / "archive", tar_of([*members, manifest_of(members)])), (), Told())

    assert json.loads(json.dumps(found.to_json()))["entries"][3]["size"] == 2000
