from __future__ import annotations

from pathlib import Path

import pytest

from llmchat_deploy.config.files import ProjectFiles
from llmchat_deploy.config.load import load_environment
from llmchat_deploy.errors import ArchiveFailed, DeployError, FileIsThere
from llmchat_deploy.host import age_keys
from llmchat_deploy.host.env_file import ProjectFolder
from llmchat_deploy.operations.backup_key import KeyCreated, create, require_key, show_recipient
from llmchat_deploy.secret import Secret
from tests.unit.config.project import ENV_FILE, REPOSITORY

NOW = "2026-11-25T10:00:00+00:00"
OTHER = "age1v4ucelk83e3u8jm9kqxn04hjpu4s36eyve6h6rfz82thw0a2wfes5y4l3c"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".env.production").write_text(ENV_FILE, encoding="utf-8")
    (tmp_path / ".env.production").chmod(0o600)
    return tmp_path


def make(project: Path, name: str = "production") -> KeyCreated:
    return create(name, ProjectFiles(project, REPOSITORY), ProjectFolder(project), age_keys, now=NOW).data


def recipients(project: Path) -> tuple[str, ...]:
    sources = ProjectFiles(project, REPOSITORY)
    return load_environment("production", sources, new_secret=lambda: Secret("")).environment.backup.keys


def test_a_key_is_written_for_age_itself_and_backups_are_encrypted_to_it(project: Path) -> None:
    made = make(project)
    file = project / ".backup-key.production"
    comment, public, private = file.read_text().splitlines()
    assert (comment, public) == (f"# created: {NOW}", f"# public key: {made.recipient}")
    assert private == made.key.reveal()
    assert file.stat().st_mode & 0o777 == 0o600
    assert recipients(project) == (made.recipient,)
    assert made.key_file == str(file)
    assert age_keys.public_of(private) == made.recipient
    assert {path.name for path in project.iterdir()} == {".env.production", ".backup-key.production"}


def test_a_key_is_never_overwritten(project: Path) -> None:
    make(project)
    before = (project / ".backup-key.production").read_bytes()
    with pytest.raises(FileIsThere) as refusal:
        make(project)
    assert refusal.value.exit_code == 6
    assert "never overwritten" in refusal.value.hint
    assert (project / ".backup-key.production").read_bytes() == before


def test_a_run_that_was_cut_before_the_env_file_is_finished(project: Path) -> None:
    made = make(project)
    (project / ".env.production").write_text(ENV_FILE, encoding="utf-8")
    again = make(project)
    assert (again.action, again.recipient) == ("completed", made.recipient)
    assert recipients(project) == (made.recipient,)


def test_keys_that_are_named_already_stay_wherever_they_are_named(project: Path) -> None:
    (project / "environments").mkdir()
    (project / "environments/production.toml").write_text(f"[backup]\nencryption = 'on'\nrecipients = '{OTHER}'\n")
    made = make(project)
    assert recipients(project) == (OTHER, made.recipient)


def test_a_key_can_be_made_where_its_absence_is_what_is_wrong(project: Path) -> None:
    (project / "environments").mkdir()
    (project / "environments/production.toml").write_text("[backup]\nencryption = 'on'\n")
    made = make(project)
    assert recipients(project) == (made.recipient,)


def test_there_is_no_key_for_an_environment_that_isnt_there(project: Path) -> None:
    with pytest.raises(DeployError, match="no environment 'prodution'"):
        make(project, "prodution")
    assert not list(project.glob(".backup-key.*"))


def test_the_public_key_is_shown_by_the_private_one(project: Path) -> None:
    made = make(project)
    outcome = show_recipient("production", ProjectFiles(project, REPOSITORY), ProjectFolder(project), age_keys)
    assert (outcome.data.recipient, outcome.data.recipients) == (made.recipient, (made.recipient,))
    assert not outcome.warnings


def test_a_key_that_nothing_is_encrypted_to_gets_a_warning(project: Path) -> None:
    make(project)
    (project / ".env.production").write_text(ENV_FILE, encoding="utf-8")
    outcome = show_recipient("production", ProjectFiles(project, REPOSITORY), ProjectFolder(project), age_keys)
    assert "backup key create --env production" in outcome.warnings[0]


def test_without_the_private_key_the_public_ones_are_shown(project: Path) -> None:
    ProjectFolder(project).set_variables("production", {"BACKUP_RECIPIENTS": Secret(OTHER)})
    data = show_recipient("production", ProjectFiles(project, REPOSITORY), ProjectFolder(project), age_keys).data
    assert (data.recipient, data.key_file, data.recipients) == (None, None, (OTHER,))


def test_no_key_at_all_is_told_with_how_to_make_one(project: Path) -> None:
    with pytest.raises(ArchiveFailed) as failure:
        show_recipient("production", ProjectFiles(project, REPOSITORY), ProjectFolder(project), age_keys)
    assert (failure.value.code, failure.value.exit_code) == ("key_missing", 11)
    assert "backup key create --env production" in failure.value.hint


@pytest.mark.parametrize(("text", "code"), [("nothing\n", "key_missing"), ("AGE-SECRET-KEY-1HUNTER2\n", "wrong_key")])
def test_a_damaged_key_file_is_told_of_without_a_word_of_it(project: Path, text: str, code: str) -> None:
    (project / ".backup-key.production").write_text(text)
    with pytest.raises(ArchiveFailed) as failure:
        make(project)
    assert failure.value.code == code
    assert "HUNTER2" not in repr(failure.value) + failure.value.hint


def test_a_restore_is_given_the_key_that_is_here(project: Path) -> None:
    folder = ProjectFolder(project)
    with pytest.raises(ArchiveFailed):
        require_key("production", folder)
    assert make(project).key == require_key("production", folder)
