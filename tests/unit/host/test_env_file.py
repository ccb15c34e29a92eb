from __future__ import annotations

from pathlib import Path

import pytest

from llmchat_deploy.errors import FileIsThere, HostError
from llmchat_deploy.host.env_file import ProjectFolder, append_variables
from llmchat_deploy.secret import Secret


def test_variables_are_added_to_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / ".env.development"
    append_variables(path, {"SECRET_KEY": Secret("a b")})
    assert path.read_text() == "SECRET_KEY='a b'\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_is_there_stays_and_the_mode_is_tightened(tmp_path: Path) -> None:
    path = tmp_path / ".env.development"
    path.write_text("# mine\r\nLLM_MODEL=x\r\nSECRET_KEY=\r\nLAST=1")
    path.chmod(0o644)
    append_variables(path, {"SECRET_KEY": Secret("s"), "NEW": Secret("n")})
    assert path.read_bytes() == b"# mine\r\nLLM_MODEL=x\r\nSECRET_KEY=s\nLAST=1\nNEW=n\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == [".env.development"]


def test_a_file_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / ".env.development"
    path.write_bytes(b"A=\xff\n")
    with pytest.raises(HostError):
        append_variables(path, {"SECRET_KEY": Secret("s")})
    assert path.read_bytes() == b"A=\xff\n"


def test_a_project_folder_takes_profiles_and_env_files(tmp_path: Path) -> None:
    folder = ProjectFolder(tmp_path)
    folder.write_profile("a", "[server]\n")
    folder.write_env_file("a", Secret("A=1\n"))
    assert (tmp_path / "environments/a.toml").read_text() == "[server]\n"
    assert (tmp_path / ".env.a").read_text() == "A=1\n"
    assert (tmp_path / ".env.a").stat().st_mode & 0o777 == 0o600


def test_a_key_for_backups_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = ProjectFolder(tmp_path)
    assert folder.read_backup_key("production") is None
    folder.create_backup_key("production", Secret("one\n"))
    with pytest.raises(FileIsThere):
        folder.create_backup_key("production", Secret("two\n"))
    assert folder.read_backup_key("production") == Secret("one\n")
    assert [entry.name for entry in tmp_path.iterdir()] == [".backup-key.production"]
    assert (tmp_path / ".backup-key.production").stat().st_mode & 0o777 == 0o600


def test_a_key_for_backups_that_cannot_be_read_is_told_of(tmp_path: Path) -> None:
    (tmp_path / ".backup-key.production").write_bytes(b"\xff\xfe")
    with pytest.raises(HostError, match="can't be read"):
        ProjectFolder(tmp_path).read_backup_key("production")
