"""Reading archives back: all of it is what its manifest says, or nothing of it is used."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llmchat_archive import age, reader, tar_names
from llmchat_archive.collect import Member, small
from llmchat_archive.errors import ArchiveError

from tests.unit.archive.crafted import (
    DATABASE,
    HEADER,
    PROJECT,
    Piece,
    altered,
    folder,
    manifest_of,
    members_of,
    pack,
    pieces,
    tar_of,
    write,
)
from tests.unit.archive.told import Told

SECRET, PUBLIC = age.new_identity()
IDENTITIES = age.parse_identities([SECRET])
CONTENTS = {"data/llmchat.db": b"rows" * 5000, "data/attachments/a": os.urandom(100_000), "data/attachments/b": b""}
SMALL = [
    small("release.json", b'{"release": "r1"}'),
    small("config/env", b"SECRET_KEY=x"),
    small("config/test.toml", b""),
]
MISMATCH, DAMAGED = "manifest_mismatch", "damaged"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "staging").mkdir()
    return tmp_path / "staging"


def refused(path: Path, identities=(), **options) -> ArchiveError:
    with pytest.raises(ArchiveError) as raised:
        reader.verify_archive(path, identities, Told(), **options)
    return raised.value


CHANGES: dict[str, Callable[[list[Piece]], object]] = {
    "a file more": lambda members: members.append(Piece("data/more", b"x")),
    "a folder more": lambda members: members.append(folder("data/more")),
    "a file less": lambda members: members.pop(),
    "no release": lambda members: members.pop(1),
    "another content": lambda members: members.__setitem__(3, replace(members[3], content=b"ROWS" * 500)),
    "another size": lambda members: members.__setitem__(3, replace(members[3], content=b"rows" * 499)),
    "another mode": lambda members: members.__setitem__(3, replace(members[3], mode=0o666)),
    "another owner": lambda members: members.__setitem__(3, replace(members[3], uid=0)),
    "another name": lambda members: members.__setitem__(5, replace(members[5], name="data/attachments/abc")),
    "a folder for a file": lambda members: members.__setitem__(5, folder("data/attachments/ab")),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_the_manifest_does_not_say_is_refused(tmp_path: Path, target: Path, change) -> None:
    path = altered(tmp_path / "archive", change, honest=False)

    assert refused(path).code == MISMATCH
    with pytest.raises(ArchiveError) as raised:
        reader.extract(path, (), target, Told())
    assert raised.value.code == MISMATCH


def test_the_order_is_part_of_what_the_manifest_says(tmp_path: Path) -> None:
    members = [*pieces(), Piece("data/b", b"x"), Piece("data/a", b"x")]
    swapped = [*members[:-2], members[-1], members[-2]]

    assert refused(pack(tmp_path / "archive", tar_of([*swapped, manifest_of(members)]))).code == MISMATCH


MANIFESTS = {
    "another header": ({"header": replace(HEADER, project="other").to_json()}, MISMATCH),
    "a later format": ({"format": 2}, "format_unknown"),
    "no format": ({"format": None}, DAMAGED),
    "format zero": ({"format": 0}, DAMAGED),
    "format true": ({"format": True}, DAMAGED),
    "entries are no list": ({"entries": {}}, DAMAGED),
    "an entry is no object": ({"entries": ["data"]}, DAMAGED),
    "no database": ({"database": None}, DAMAGED),
    "rows are no numbers": ({"database": {**DATABASE.to_json(), "rows": {"users": "1"}}}, DAMAGED),
}


@pytest.mark.parametrize(("changes", "code"), MANIFESTS.values(), ids=MANIFESTS)
def test_a_manifest_that_cannot_be_right_is_refused(tmp_path: Path, changes, code: str) -> None:
    path = pack(tmp_path / "archive", tar_of([*pieces(), manifest_of(pieces(), **changes)]))

    assert refused(path).code == code


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b"1" * 10_000])
@pytest.mark.parametrize("name", [tar_names.HEADER, tar_names.MANIFEST])
def test_a_description_that_is_no_json_object_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    members = [*pieces(), manifest_of(pieces())]
    tar = tar_of([replace(member, content=content) if member.name == name else member for member in members])

    assert refused(pack(tmp_path / "archive", tar)).code == DAMAGED


def with_header(path: Path, **changes) -> Path:
    members = pieces()
    members[0] = replace(members[0], content=json.dumps(HEADER.to_json() | changes).encode())
    return pack(path, tar_of([*members, manifest_of(members)]))


def test_a_later_format_is_told_before_anything_else_with_what_to_do(tmp_path: Path) -> None:
    path = with_header(tmp_path / "archive", format=2, id="in another form")
    for read in (lambda: reader.read_header(path, ()), lambda: reader.verify_archive(path, (), Told())):
        with pytest.raises(ArchiveError) as raised:
            read()
        assert raised.value.code == "format_unknown"
        assert "Update llmchat-deploy" in raised.value.hint


@pytest.mark.parametrize("project", ["\x1b[2Jother", "a\nb", "\udc80"])
def test_a_name_that_would_write_on_a_terminal_is_refused(tmp_path: Path, project: str) -> None:
    assert refused(with_header(tmp_path / "archive", project=project), project=PROJECT).code == DAMAGED


def test_another_projects_backup_is_refused_before_its_data_is_read(tmp_path: Path, target: Path) -> None:
    path = with_header(tmp_path / "archive", project="llmchat-other")

    assert refused(path, project=PROJECT).code == "foreign"
    with pytest.raises(ArchiveError):
        reader.extract(path, (), target, Told(), project=PROJECT)
    assert list(target.iterdir()) == []


def test_another_file_of_the_same_content_is_not_the_one_that_was_written(tmp_path: Path) -> None:
    done = write(tmp_path / "archive", members_of(CONTENTS), (PUBLIC,))
    write(tmp_path / "other", members_of(CONTENTS), (PUBLIC,))

    assert refused(tmp_path / "other", IDENTITIES, sha256=done.sha256).code == DAMAGED
    assert reader.verify_archive(tmp_path / "other", IDENTITIES, Told()) == done.manifest


@pytest.mark.parametrize("keys", [(), (PUBLIC,)], ids=["plain", "encrypted"])
@given(st.data())
@settings(max_examples=25, deadline=None)
def test_no_cut_and_no_flipped_bit_of_the_file_passes(tmp_path_factory, keys, data) -> None:
    path = tmp_path_factory.getbasetemp() / f"flipped-{len(keys)}"
    if not path.exists():
        write(path, [*SMALL, *members_of(CONTENTS)], keys)
    whole = path.read_bytes()
    done = reader.verify_archive(path, IDENTITIES, Told())
    changed = path.with_name(f"{path.name}-changed")
    at = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        changed.write_bytes(whole[:at])
    else:
        changed.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << data.draw(st.integers(0, 7)))]) + whole[at + 1 :])
    try:
        assert reader.verify_archive(changed, IDENTITIES, Told()) == done  # bits of zstd's header that mean nothing
        assert not keys
    except ArchiveError as error:
        assert error.code in {DAMAGED, "not_an_archive", "wrong_key"}  # noqa: PT017 - or it is the same


def test_what_is_extracted_has_its_modes_and_owners(tmp_path: Path, target: Path) -> None:
    members = [
        *SMALL,
        Member("data", 0o700, 10001, 10000, folder=True),
        Member("data/closed", 0o500, 10001, 10000, folder=True),
        replace(small("data/closed/x", b"x", 0o400), uid=10001, gid=10000),
    ]
    write(tmp_path / "archive", members)
    reader.extract(tmp_path / "archive", (), target, Told())
    found = {name: (target / name).stat() for name in ("data", "data/closed", "data/closed/x", "config/env")}

    assert [stat.S_IMODE(about.st_mode) for about in found.values()] == [0o700, 0o500, 0o400, 0o600]
    if os.geteuid() == 0:
        assert (found["data/closed/x"].st_uid, found["data/closed/x"].st_gid) == (10001, 10000)
    (target / "data/closed").chmod(0o700)


def test_small_members_are_read_without_the_data(tmp_path: Path) -> None:
    write(tmp_path / "archive", [*SMALL, *members_of(CONTENTS)])
    found = reader.extract_small(
        tmp_path / "archive", (), ["release.json", "config/env", "config/none", "manifest.json"]
    )

    assert found == {"release.json": b'{"release": "r1"}', "config/env": b"SECRET_KEY=x"}


def test_whose_backup_it_is_can_be_read_of_one_that_is_cut_later(tmp_path: Path) -> None:
    path = tmp_path / "archive"
    members = members_of({"data/llmchat.db": os.urandom(3_000_000)})
    write(path, members)
    os.truncate(path, path.stat().st_size // 2)

    assert reader.read_header(path, ()) == HEADER
    assert refused(path).code == DAMAGED


def test_a_target_without_room_is_told_before_it_is_full(tmp_path: Path, target: Path, monkeypatch) -> None:
    write(tmp_path / "archive", members_of(CONTENTS))
    monkeypatch.setattr(reader, "RESERVE", shutil.disk_usage(tmp_path).free + 2**40)
    with pytest.raises(ArchiveError) as raised:
        reader.extract(tmp_path / "archive", (), target, Told())

    assert (raised.value.code, bool(raised.value.hint)) == ("no_space", True)
    assert not (target / "data/llmchat.db").exists()


@pytest.mark.parametrize(
    ("number", "code"), [(errno.EIO, None), (errno.ENOSPC, "no_space"), (errno.EDQUOT, "no_space")]
)
def test_what_the_disk_says_only_at_the_end_is_told(tmp_path: Path, target: Path, monkeypatch, number, code) -> None:
    """A file system over a network, or one that allocates late, takes every write and fails when it must keep it."""
    write(tmp_path / "archive", members_of(CONTENTS))

    class Library:
        @staticmethod
        def syncfs(_descriptor: int) -> int:
            ctypes.set_errno(number)
            return -1

    monkeypatch.setattr(reader.ctypes, "CDLL", lambda *_names, **_options: Library)
    with pytest.raises((ArchiveError, OSError)) as raised:
        reader.extract(tmp_path / "archive", (), target, Told())

    assert getattr(raised.value, "code", None) == code
    assert code or raised.value.errno == number


def test_no_file_of_that_name_is_told(tmp_path: Path) -> None:
    assert refused(tmp_path / "none").code == "not_found"
