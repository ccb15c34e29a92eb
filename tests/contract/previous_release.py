"""The release before this one, out of the history: its own tests, run on databases that the present migrations make.

While an update runs, both releases serve from the schema of the new one. So a migration may add what the release before
doesn't know, and take away only what it doesn't use any more. Its tests know best what it uses.

They need no help for that: its tree gets the present migrations in the place of its own. It runs them all, as Alembic
follows the files, and takes what comes out for the schema of a newer release, as it does where it is deployed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from llmchat_deploy.host.templates import ProjectTemplates
from llmchat_deploy.render.release import Revision
from tests.contract import failed_tests

BACKEND = "service/backend"
VERSIONS = "llmchat_backend/db/migrations/versions"
MIGRATIONS = f":(glob){BACKEND}/{VERSIONS}/[0-9]*.py"


class HistoryMissing(Exception):
    """The clone doesn't hold the release before this one; says what to do."""


def find_previous(clone: Path) -> str:
    """Return the commit of the release before this one.

    That is the newest version with a tag. Where none has one, it is what was there before the newest migration; where
    that is the first of all, the last commit: nobody runs anything older with a database.
    """
    here = _git(clone, "rev-parse", "HEAD")
    tags = _git(clone, "tag", "--merged", "HEAD", "--sort=-version:refname", "--format=%(refname)").split()
    for tag in tags:
        commit = _git(clone, "rev-parse", f"{tag}^{{commit}}")
        if commit != here and _has_backend(clone, commit):
            return commit
    if _git(clone, "rev-parse", "--is-shallow-repository") == "true":
        raise HistoryMissing(
            "This clone is shallow, so the release before this one isn't in it: git fetch --unshallow --tags"
            " (actions/checkout: fetch-depth: 0)."
        )
    if _git(clone, "status", "--porcelain", "--", MIGRATIONS):
        return here
    added = _git(clone, "log", "-1", "--diff-filter=A", "--format=%H", "--", MIGRATIONS)
    for commit in (f"{added}^", "HEAD^"):
        if _has_backend(clone, commit):
            return _git(clone, "rev-parse", commit)
    return here


@dataclass(frozen=True)
class Ended:
    """How a run of tests ended; ``said`` has what the service logged as errors, too."""

    status: int
    failed: tuple[str, ...]
    said: str


@dataclass(frozen=True)
class Release:
    """The backend of a release, in a folder of its own."""

    folder: Path

    @classmethod
    def extract(cls, clone: Path, commit: str, to: Path) -> Release:
        """Unpack the backend of a commit."""
        done = subprocess.run(
            ("git", "archive", "--format=tar", commit, BACKEND), cwd=clone, capture_output=True, check=True
        )
        # Debian 12's Python is older than the filters of `tarfile`.
        subprocess.run(("tar", "--extract", "--directory", to), input=done.stdout, check=True)
        return cls(to / BACKEND)

    @property
    def revisions(self) -> tuple[Revision, ...]:
        """Return those it knows."""
        return ProjectTemplates(self.folder.parents[1]).revisions()

    def migrated_by(self, versions: Path, to: Path, without: Iterable[str] = (), **added: str) -> Release:
        """Return a copy whose databases are made by the migrations in a folder and by those in ``added``.

        ``without`` names revisions that are left out.
        """
        shutil.copytree(self.folder, to)
        shutil.rmtree(to / VERSIONS)
        ignored = shutil.ignore_patterns("__pycache__", *(f"{name}_*" for name in without))
        shutil.copytree(versions, to / VERSIONS, ignore=ignored)
        for name, text in added.items():
            (to / VERSIONS / f"{name}.py").write_text(text)
        return Release(to)

    def run_tests(self, *argv: str) -> Ended:
        """Run its own tests."""
        shutil.copy(failed_tests.__file__, self.folder)
        (self.folder / failed_tests.FILE).write_text("")
        # Nothing of the present tree or of the run around may get in.
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHONPATH"))}
        with tempfile.TemporaryDirectory(prefix="previous-") as folder:  # short: there will be sockets in it
            options = ("-q", "-p", "no:cacheprovider", "-p", "failed_tests", f"--basetemp={folder}/tests")
            done = subprocess.run(
                (sys.executable, "-m", "pytest", *options, *argv),
                cwd=self.folder,
                env=env,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            logs = [path.read_text().splitlines() for path in sorted(Path(folder).rglob("log-*"))]
        # Each line's beginning says what it is about, and a trace may follow.
        errors = "\n".join(line[:400] for log in logs for line in log if '"level":"error"' in line)
        failed = tuple((self.folder / failed_tests.FILE).read_text().splitlines())
        return Ended(done.returncode, failed, f"{done.stdout[-8000:]}{done.stderr[-2000:]}\n{errors[:8000]}")


def not_met(known: tuple[Revision, ...], present: tuple[Revision, ...]) -> tuple[str, ...]:
    """Return which present revisions a release that knows some never meets: from the first new offline one on."""
    names = {revision.name for revision in known}
    new = [revision for revision in present if revision.name not in names]
    at = next((index for index, revision in enumerate(new) if revision.offline is not None), len(new))
    return tuple(revision.name for revision in new[at:])


def broken_tests(release: Release, migrated: Release, *argv: str) -> tuple[tuple[str, ...], str]:
    """Return which tests of a release fail on another schema, and what was said; those it fails by itself don't count.

    Raises AssertionError where the tests can't be run at all.
    """
    ended = migrated.run_tests(*argv)
    assert ended.status == 0 or (ended.status == 1 and ended.failed), ended.said
    by_itself = release.run_tests(*ended.failed).failed if ended.failed else ()
    return tuple(name for name in ended.failed if name not in by_itself), ended.said


def _has_backend(clone: Path, commit: str) -> bool:
    try:
        return bool(_git(clone, "ls-tree", "--name-only", commit, f"{BACKEND}/{VERSIONS}", f"{BACKEND}/tests"))
    except HistoryMissing:
        return False


def _git(clone: Path, *argv: str) -> str:
    try:
        done = subprocess.run(("git", *argv), cwd=clone, capture_output=True, text=True, check=True)
    except FileNotFoundError as error:
        raise HistoryMissing("git isn't installed, so the release before this one can't be had.") from error
    except subprocess.CalledProcessError as error:
        raise HistoryMissing(f"The release before this one can't be had: {error.stderr.strip()}") from error
    return done.stdout.strip()
