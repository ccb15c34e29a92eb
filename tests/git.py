"""Real git, for tests of what the tool does with clones."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

WHO = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@x", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@x"}


def git(folder: Path, *argv: str) -> str:
    """Run git in a folder and return what it printed."""
    done = subprocess.run(
        ("git", *argv), cwd=folder, env={**os.environ, **WHO}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(folder: Path, message: str, **files: str) -> str:
    """Write files (``__`` for ``/``), commit them, and return the commit."""
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)
    return git(folder, "rev-parse", "HEAD")


def remote_at(folder: Path, **files: str) -> Path:
    """Make a repository to clone from, with a first commit that has the tag ``v1``."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit(folder, "First", **files)
    git(folder, "tag", "v1")
    return folder
