"""Files outside the state folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmchat_deploy.errors import DiskFull, HostError
from llmchat_deploy.host.files import copy_file, folder_names, read_folder, remove


def test_the_texts_of_a_folder_by_their_ending(tmp_path):
    (tmp_path / "b.json").write_text("2")
    (tmp_path / "a.json").write_text("1")
    (tmp_path / "a.tar.zst").write_bytes(b"\0")
    (tmp_path / "c.json").mkdir()

    assert read_folder(tmp_path, ".json") == {"a.json": "1", "b.json": "2"}


def test_no_folder_has_no_texts(tmp_path):
    assert read_folder(tmp_path / "none", ".json") == {}


def test_bytes_that_are_no_text_are_read_as_well_as_it_goes(tmp_path):
    (tmp_path / "a.json").write_bytes(b"\xff{}")

    assert read_folder(tmp_path, ".json") == {"a.json": "\ufffd{}"}


def test_a_file_in_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(HostError, match="file can't be read"):
        read_folder(tmp_path / "file", ".json")


def test_a_copy_has_the_mode_that_was_asked_for(tmp_path):
    (tmp_path / "from").write_bytes(b"x" * 3_000_000)

    copy_file(tmp_path / "from", tmp_path / "to", 0o644)

    assert (tmp_path / "to").read_bytes() == b"x" * 3_000_000
    assert (tmp_path / "to").stat().st_mode & 0o777 == 0o644


def test_a_copy_that_fails_leaves_what_was_there(tmp_path):
    (tmp_path / "to").write_text("before")

    with pytest.raises(HostError, match="from can't be read"):
        copy_file(tmp_path / "from", tmp_path / "to", 0o644)

    assert [path.name for path in tmp_path.iterdir()] == ["to"]


def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    (tmp_path / "from").write_text("text")
    monkeypatch.setattr("llmchat_deploy.host.files._copy", _full)

    with pytest.raises(DiskFull):
        copy_file(tmp_path / "from", tmp_path / "to", 0o644)

    assert not (tmp_path / "to").exists()


def _full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_nothing_can_be_written_below_a_file(tmp_path):
    (tmp_path / "from").write_text("text")

    with pytest.raises(HostError):
        copy_file(tmp_path / "from", Path(tmp_path / "from" / "to"), 0o644)


def test_what_is_there_is_removed_and_of_a_link_only_the_link(tmp_path):
    kept = tmp_path / "kept"
    (kept / "below").mkdir(parents=True)
    (tmp_path / "link").symlink_to(kept)
    (tmp_path / "file").write_text("x")

    for name in ("link", "file", "none"):
        remove(tmp_path / name)

    assert folder_names(tmp_path) == ("kept",)
    remove(kept)
    assert folder_names(tmp_path) == ()


def test_a_file_that_cannot_be_read_is_named_and_not_its_folder(tmp_path, monkeypatch):
    (tmp_path / "a.json").write_text("{}")

    def refused(path, **_):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_text", refused)
    with pytest.raises(HostError, match=r"a\.json can't be read"):
        read_folder(tmp_path, ".json")
