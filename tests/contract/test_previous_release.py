"""The release before this one works on the schema of this one, as it must while an update runs; a check that can fail.

See ``docs/decisions/0016-migrations-beside-the-running-release.md``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from llmchat_deploy.host.templates import ProjectTemplates
from llmchat_deploy.render.release import Revision
from tests.contract.previous_release import (
    BACKEND,
    VERSIONS,
    HistoryMissing,
    Release,
    broken_tests,
    find_previous,
    not_met,
)
from tests.git import commit, git, remote_at

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PRESENT = ROOT / BACKEND / VERSIONS
OF_THE_DATABASE = tuple(
    f"tests/test_{name}.py" for name in ("accounts", "conversations", "chat", "answers", "attachments", "tidy")
)
"""Those tests of the backend that read and write it; others are about a release's own schema, or none."""
MIGRATION = '''"""Made by a test."""

import sqlalchemy as sa
from alembic import op

revision = "of_a_test"
down_revision = "{newest}"


def upgrade() -> None:
    """Change the schema."""
    {change}
'''


@pytest.fixture(scope="module")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Release:
    try:
        found = find_previous(ROOT)
    except HistoryMissing as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))
    return Release.extract(ROOT, found, tmp_path_factory.mktemp("previous"))


def changed(previous: Release, to: Path, change: str) -> Release:
    text = MIGRATION.format(newest=ProjectTemplates(ROOT).revisions()[-1].name, change=change)
    return previous.migrated_by(PRESENT, to, of_a_test=text)


@pytest.mark.timeout(300)
def test_the_release_before_works_on_the_present_schema(previous: Release, tmp_path: Path) -> None:
    left_out = not_met(previous.revisions, ProjectTemplates(ROOT).revisions())
    release = previous.migrated_by(PRESENT, tmp_path / "backend", left_out)
    files = [name for name in OF_THE_DATABASE if (release.folder / name).is_file()]
    broken, said = broken_tests(previous, release, *files)
    assert broken == (), said


@pytest.mark.timeout(120)
def test_a_migration_that_only_adds_passes(previous: Release, tmp_path: Path) -> None:
    change = (
        'op.add_column("conversations", sa.Column("color", sa.String(20), nullable=False, server_default="red"));'
        ' op.create_table("folders", sa.Column("id", sa.Integer(), primary_key=True))'
    )
    release = changed(previous, tmp_path / "backend", change)
    broken, said = broken_tests(previous, release, "tests/test_conversations.py")
    assert broken == (), said


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ('op.drop_column("messages", "reasoning")', "has no column named reasoning"),
        ('op.alter_column("conversations", "title", new_column_name="heading")', "has no column named title"),
    ],
    ids=["dropped", "renamed"],
)
def test_a_migration_that_takes_away_what_is_used_fails(
    previous: Release, tmp_path: Path, change: str, said: str
) -> None:
    release = changed(previous, tmp_path / "backend", change)
    broken, told = broken_tests(previous, release, "-x", "tests/test_conversations.py")
    assert len(broken) == 1
    assert said in told


def test_what_is_made_behind_the_maintenance_page_the_release_before_never_meets() -> None:
    known = (Revision("1"), Revision("2", offline=5))
    assert not_met(known, (*known, Revision("3"))) == ()
    assert not_met(known, (*known, Revision("3"), Revision("4", offline=5), Revision("5"))) == ("4", "5")


MIGRATIONS = f"{BACKEND}/{VERSIONS}".replace("/", "__")


def a_clone(folder: Path) -> tuple[Path, list[str]]:
    """Return a repository with a commit before any backend, one with the first migration, and one with the second."""
    clone = remote_at(folder, readme="no backend yet")
    commits = [
        git(clone, "rev-parse", "HEAD"),
        commit(clone, "First", **{f"{MIGRATIONS}__0001_first.py": "1"}),
        commit(clone, "Later", readme="a backend"),
        commit(clone, "Second", **{f"{MIGRATIONS}__0002_second.py": "2"}),
        commit(clone, "Last", readme="more"),
    ]
    return clone, commits


def test_without_a_tag_it_is_what_was_there_before_the_newest_migration(tmp_path: Path) -> None:
    clone, commits = a_clone(tmp_path / "clone")  # its tag has no backend
    assert find_previous(clone) == commits[2]


def test_with_tags_it_is_the_newest_one_before_this_commit(tmp_path: Path) -> None:
    clone, commits = a_clone(tmp_path / "clone")
    for tag, number in {"v1.9": 1, "v1.10": 2, "v1.11": 4}.items():
        git(clone, "tag", tag, commits[number])
    assert find_previous(clone) == commits[2]


def test_where_the_only_migration_is_the_first_it_is_the_last_commit(tmp_path: Path) -> None:
    clone, commits = a_clone(tmp_path / "clone")
    git(clone, "reset", "--quiet", "--hard", commits[2])
    assert find_previous(clone) == commits[1]


def test_before_a_migration_that_isn_t_committed_yet_it_is_the_present_commit(tmp_path: Path) -> None:
    clone, commits = a_clone(tmp_path / "clone")
    (clone / BACKEND / VERSIONS / "0003_third.py").write_text("3")
    assert find_previous(clone) == commits[4]


def test_a_shallow_clone_says_what_to_do(tmp_path: Path) -> None:
    clone, _ = a_clone(tmp_path / "clone")
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{clone}", "shallow")
    with pytest.raises(HistoryMissing, match="git fetch --unshallow --tags"):
        find_previous(tmp_path / "shallow")


def test_sources_without_a_clone_say_so(tmp_path: Path) -> None:
    with pytest.raises(HistoryMissing, match="can't be had"):
        find_previous(tmp_path)
