"""Writing archives: what goes in is named by the manifest, and a source that changes meanwhile is found."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llmchat_archive import age, reader, tar_names
from llmchat_archive.collect import Member, small
from llmchat_archive.errors import ArchiveError
from llmchat_archive.stream import ArchiveReader

from tests.unit.archive.crafted import HEADER, listing, members_of, write
from tests.unit.archive.told import Told

SECRET, PUBLIC = age.new_identity()
CONTENTS = {
    "data/llmchat.db": b"rows" * 20_000,
    "data/attachments/ab/a": b"",
    "data/attachments/ab/b": os.urandom(3_000_000),
    "data/attachments/文件.txt": b"x" * 511,
    "data/" + "long" * 50: b"x" * 512,
    "data/" + "long/" * 60 + "x": b"x" * 513,
}


def deep(contents: dict[str, bytes]) -> list[Member]:
    """Return members with every folder above them, in order."""
    found: dict[str, Member] = {}
    for member in members_of(contents):
        for above in Path(member.path).parents:
            if above.as_posix() not in {".", *found}:
                found.setdefault(above.as_posix(), Member(above.as_posix(), 0o750, 10001, 10001, folder=True))
        found[member.path] = member
    return sorted(found.values(), key=lambda member: member.path.split("/"))


def from_disk(path: Path, **changes) -> Member:
    return replace(Member(f"data/{path.name}", 0o640, 1, 1, source=path), **changes)


ROOT = Member("data", 0o750, 10001, 10001, folder=True)


@pytest.mark.parametrize("keys", [(), (PUBLIC,)], ids=["plain", "encrypted"])
def test_the_manifest_names_everything_before_it(tmp_path: Path, keys: tuple[str, ...]) -> None:
    told = Told()
    members = deep(CONTENTS)
    done = write(tmp_path / "archive", members, keys, events=told, warnings=("one", "two"))
    identities = age.parse_identities([SECRET])
    read = reader.verify_archive(tmp_path / "archive", identities, Told(), sha256=done.sha256)

    assert read == done.manifest
    assert {entry.path: entry.sha256 for entry in read.entries if entry.path in CONTENTS} == {
        path: hashlib.sha256(content).hexdigest() for path, content in CONTENTS.items()
    }
    assert (read.header.id, read.warnings, read.database.rows) == (HEADER.id, ("one", "two"), {"users": 1})
    assert done.bytes == (tmp_path / "archive").stat().st_size
    assert told.steps[-1][0] == "write"


def test_the_standard_librarys_reader_finds_the_members_in_order(tmp_path: Path) -> None:
    write(tmp_path / "archive", [small("release.json", b"{}"), *deep(CONTENTS)])
    with ArchiveReader(tmp_path / "archive", ()) as stream:
        names = listing(stream.readall())

    assert names[:3] == ["llmchat-backup.json", "release.json", "data"]
    assert names[-1] == "manifest.json"
    assert set(CONTENTS) < set(names)


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=120).filter(
    lambda name: tar_names.problem(f"data/{name}") is None and "/" not in name
)


@given(st.dictionaries(NAMES, st.binary(max_size=2000), max_size=6))
@settings(max_examples=30, deadline=None)
def test_every_name_and_content_comes_back(tmp_path_factory, contents: dict[str, bytes]) -> None:
    path = tmp_path_factory.mktemp("any") / "archive"
    write(path, members_of({f"data/{name}": content for name, content in contents.items()} or {"data/x": b""}))
    target = path.with_name("target")
    target.mkdir()
    reader.extract(path, (), target, Told())

    for name, content in contents.items():
        assert (target / "data" / name).read_bytes() == content


def test_a_file_that_grows_is_taken_as_long_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "growing"
    path.write_bytes(b"a" * 3_000_000)

    class Growing(Told):
        def progress(self, stage: str, done: int, total: int) -> None:
            if path.stat().st_size == 3_000_000:
                with path.open("ab") as file:
                    file.write(b"b" * 100)

    done = write(tmp_path / "archive", [ROOT, from_disk(path)], events=Growing())

    assert done.manifest.entries[-1].size == 3_000_000
    assert reader.verify_archive(tmp_path / "archive", (), Told()) == done.manifest
    assert path.stat().st_size == 3_000_100


def test_a_file_that_shrinks_stops_the_backup(tmp_path: Path) -> None:
    path = tmp_path / "shrinking"
    path.write_bytes(b"a" * 3_000_000)

    class Shrinking(Told):
        def progress(self, stage: str, done: int, total: int) -> None:
            os.truncate(path, 10)

    with pytest.raises(ArchiveError) as raised:
        write(tmp_path / "archive", [ROOT, from_disk(path)], events=Shrinking())
    assert (raised.value.code, bool(raised.value.hint)) == ("source_damaged", True)


def test_a_file_that_is_gone_is_left_out_and_told(tmp_path: Path) -> None:
    told = Told()
    done = write(tmp_path / "archive", [ROOT, from_disk(tmp_path / "gone")], events=told)

    assert [entry.path for entry in done.manifest.entries] == ["llmchat-backup.json", "data"]
    assert [code for code, _ in told.warnings] == ["vanished"]
    assert reader.verify_archive(tmp_path / "archive", (), Told()) == done.manifest


def test_a_source_that_was_exchanged_is_never_followed(tmp_path: Path) -> None:
    """The service runs while its files are read: what it makes a link of must not lead to a file of the backups."""
    (tmp_path / "secret").write_bytes(b"the keys of a remote")
    data = tmp_path / "data"
    (data / "attachments").mkdir(parents=True)
    (data / "link").symlink_to(tmp_path / "secret")
    (data / "attachments/folder").symlink_to(tmp_path)
    os.mkfifo(data / "pipe")
    (data / "was-a-folder").write_bytes(b"")
    for name in ("link", "attachments/folder/secret", "pipe", "attachments", "was-a-folder/x"):
        member = Member(f"data/{name}", 0o640, 1, 1, source=data / name, beneath=data)
        with pytest.raises(ArchiveError) as raised:
            write(tmp_path / f"archive-{name.replace('/', '-')}", [ROOT, member])
        assert raised.value.code == "source_damaged", name
        assert b"the keys" not in (tmp_path / f"archive-{name.replace('/', '-')}").read_bytes()


def test_more_files_than_a_manifest_can_name_are_told_before_the_backup_counts(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(tar_names, "MANIFEST_MAX", 2000)
    with pytest.raises(ArchiveError, match="can't hold") as raised:
        write(tmp_path / "archive", deep(CONTENTS))
    assert raised.value.code == "write_failed"


class FullLater(Told):
    """Fills the disk while the archive is written."""

    def progress(self, stage: str, done: int, total: int) -> None:
        if done > 2_000_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("keys", [(), (PUBLIC,)], ids=["plain", "encrypted"])
def test_a_write_that_fails_is_raised_and_what_is_left_is_no_archive(tmp_path: Path, keys: tuple[str, ...]) -> None:
    path, source = tmp_path / "archive", tmp_path / "source"
    source.write_bytes(os.urandom(3_000_000))
    with pytest.raises(OSError, match="No space left"):
        write(path, [ROOT, from_disk(source)], keys, events=FullLater())
    with pytest.raises(ArchiveError) as raised:
        reader.verify_archive(path, age.parse_identities([SECRET]), Told())

    assert raised.value.code in {"damaged", "not_an_archive"}


def test_what_cannot_be_restored_as_it_is_is_never_written(tmp_path: Path) -> None:
    for member in (Member("data/../x", 0o640, 1, 1), Member("etc/x", 0o640, 1, 1)):
        write(tmp_path / "archive", [ROOT, member])
        with pytest.raises(ArchiveError):  # every backup is read back before it counts
            reader.verify_archive(tmp_path / "archive", (), Told())
        (tmp_path / "archive").unlink()


def test_the_small_members_are_json_that_people_can_read(tmp_path: Path) -> None:
    write(tmp_path / "archive", [ROOT])
    found = reader.extract_small(tmp_path / "archive", (), [tar_names.HEADER])[tar_names.HEADER]

    assert json.loads(found) == HEADER.to_json()
    assert b"\n" in found
