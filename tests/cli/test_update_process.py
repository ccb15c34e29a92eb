"""`update` as a process: another version of the tool takes its place."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import PRODUCTION
from tests.git import git
from tests.paths import REPOSITORY

LAUNCHER = """#!/bin/sh
printf '%s\\n' "in $(pwd)" "$@"
exit 9
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a clone of the project whose remote has a newer version: one whose launcher says how it was called."""
    remote = tmp_path / "remote"
    for name in ("llmchat_deploy", "service/archive", "environments", "templates"):
        shutil.copytree(REPOSITORY / name, remote / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    shutil.copy(REPOSITORY / ".gitignore", remote)
    git(remote, "init", "--quiet", "--initial-branch", "main")
    git(remote, "add", "--all")
    git(remote, "commit", "--quiet", "--message", "First")
    git(tmp_path, "clone", "--quiet", str(remote), "our clone")
    (remote / "llmchat-deploy").write_text(LAUNCHER)
    (remote / "llmchat-deploy").chmod(0o755)
    git(remote, "add", "--all")
    git(remote, "commit", "--quiet", "--message", "Second")
    return tmp_path / "our clone"


@pytest.mark.slow
@pytest.mark.parametrize("folder", [".", "elsewhere"])
def test_the_launcher_of_the_new_version_goes_on(clone: Path, tmp_path: Path, folder: str) -> None:
    project = clone if folder == "." else tmp_path / folder
    project.mkdir(exist_ok=True)
    (project / ".env.production").write_text(PRODUCTION)
    (project / ".env.production").chmod(0o600)
    packages = os.pathsep.join((str(clone), str(clone / "service/archive")))
    ran = subprocess.run(
        (sys.executable, "-m", "llmchat_deploy", "--env", "production", "update", "--yes"),
        cwd=project,
        env={**os.environ, "PYTHONPATH": packages, "LLMCHAT_STATE_DIR": str(tmp_path / "state")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, "Second" in ran.stderr) == (9, True), ran.stderr
    said = [f"in {project}", "update", "--no-fetch", "--env", "production", "--yes"]
    assert ran.stdout.splitlines() == said
    assert '"done": false' in (tmp_path / "state/llmchat-production/update.json").read_text()
