from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llmchat_deploy.config.files import ProjectFiles

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    for folder in ("own", "packaged"):
        (tmp_path / folder / "environments").mkdir(parents=True)
    return ProjectFiles(tmp_path / "own", tmp_path / "packaged")


def test_a_projects_own_profile_wins_over_the_shipped_one(project: ProjectFiles) -> None:
    (project.packaged / "environments/production.toml").write_text("shipped = 1")
    profile = project.profile("production")
    assert profile is not None
    assert (profile.path, profile.text) == ("built-in environments/production.toml", "shipped = 1")
    (project.project_dir / "environments/production.toml").write_text("own = 1")
    profile = project.profile("production")
    assert profile is not None
    assert (profile.path, profile.text) == ("environments/production.toml", "own = 1")


def test_profiles_and_env_files_are_listed_by_names_an_environment_can_have(project: ProjectFiles) -> None:
    for name in ("base", "b-2", "Bad", "1x"):
        (project.packaged / f"environments/{name}.toml").touch()
    (project.project_dir / "environments/a.toml").touch()
    for name in (".env.a", ".env.Local", ".env", ".env.base", "x.env.b"):
        (project.project_dir / name).touch()
    assert project.profiles() == ("a", "b-2")
    assert project.env_files() == ("a",)


def test_what_is_not_there_is_none_and_base_is_empty(project: ProjectFiles) -> None:
    assert project.profile("a") is None
    assert project.env_file("a") is None
    assert project.file("ca.pem") is None
    assert project.base().text == ""


def test_an_env_files_mode_and_bytes_are_kept(project: ProjectFiles) -> None:
    file = project.project_dir / ".env.a"
    file.write_bytes("\ufeffA='x\r\ny'\r\n".encode())
    file.chmod(0o640)
    source = project.env_file("a")
    assert source is not None
    assert (source.path, source.text, source.mode) == (".env.a", "A='x\r\ny'\r\n", 0o640)
    assert "x" not in repr(source).removeprefix("SourceText")


def test_what_is_not_utf8_is_named_with_its_line(project: ProjectFiles) -> None:
    (project.project_dir / ".env.a").write_bytes(b"A=1\nB=\xff\n")
    source = project.env_file("a")
    assert source is not None
    assert (source.text, source.unreadable) == ("", "line 2 is not UTF-8 text")


def test_a_folder_in_a_files_place_is_unreadable_and_no_crash(project: ProjectFiles) -> None:
    (project.project_dir / ".env.a").mkdir()
    source = project.env_file("a")
    assert source is not None
    assert source.unreadable == "Is a directory"


def test_a_named_file_is_looked_up_from_the_project_folder(project: ProjectFiles) -> None:
    (project.project_dir / "ca.pem").write_text("pem")
    found = project.file("ca.pem")
    assert found is not None
    assert found.path == str(project.project_dir / "ca.pem")
    assert project.file(found.path) == found


def test_a_path_that_no_file_can_have_is_no_crash(project: ProjectFiles) -> None:
    found = project.file("x" * 5000)
    assert found is not None
    assert found.unreadable == "File name too long"
    assert project.file("~nobody-of-that-name/x") is None
