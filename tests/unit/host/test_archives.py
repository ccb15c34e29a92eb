"""Archives on this machine, real ones: looked into, and trusted only when all of it is read."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from llmchat_archive.age import new_identity

from llmchat_deploy.errors import ArchiveFailed
from llmchat_deploy.host import archives
from llmchat_deploy.secret import Secret
from tests.unit.archive.place import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, encrypted=True)


def made(place: Place) -> str:
    return str(place.store.path(place.create()))


def test_whose_backup_it_is(place):
    header = archives.header(made(place), (Secret(place.secret),))

    assert header
    assert (header.project, header.environment) == ("llmchat-test", "test")


def test_the_settings_in_it(place):
    found = archives.settings(made(place), (Secret(place.secret),), "test")

    assert found == ("[server]\n", "SECRET_KEY='corr3ct$battery'\n")


def test_an_unencrypted_one_has_no_settings(tmp_path):
    assert archives.settings(made(Place(tmp_path)), (), "test") is None


@pytest.mark.parametrize(("keys", "code"), [((), "key_missing"), ((Secret(new_identity()[0]),), "wrong_key")])
def test_the_wrong_key_or_none(place, keys, code):
    path = made(place)

    for look in (lambda: archives.header(path, keys), lambda: archives.settings(path, keys, "test")):
        with pytest.raises(ArchiveFailed) as failure:
            look()
        assert failure.value.code == code


def test_settings_of_a_damaged_one_are_not_believed(place):
    path = Path(made(place))
    path.write_bytes(path.read_bytes()[:-100])

    with pytest.raises(ArchiveFailed):
        archives.settings(str(path), (Secret(place.secret),), "test")


def test_the_guides_archives_say_nothing_of_themselves(tmp_path):
    (tmp_path / "g.tar.gz").write_bytes(gzip.compress(b""))

    assert archives.header(str(tmp_path / "g.tar.gz"), ()) is None


def test_what_is_no_archive(tmp_path):
    (tmp_path / "x.tar").write_bytes(b"x" * 100)

    with pytest.raises(ArchiveFailed) as failure:
        archives.header(str(tmp_path / "x.tar"), ())

    assert failure.value.code == "not_an_archive"
    assert archives.is_file(str(tmp_path / "x.tar"))
    assert not archives.is_file(str(tmp_path))


@pytest.mark.parametrize("name", ["~nobody-of-that-name/b.tar.zst", f"{'a' * 300}.tar.zst", "./none.tar.zst"])
def test_a_name_that_no_file_has_is_none(name):
    assert not archives.is_file(name)
    assert archives.absolute(name).startswith("/")


def test_a_file_that_nobody_may_look_at_is_named(monkeypatch):
    def refused(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", refused)
    with pytest.raises(ArchiveFailed, match=r"/root/b\.tar\.zst can't be read") as failure:
        archives.is_file("/root/b.tar.zst")

    assert failure.value.code == "unreadable"
