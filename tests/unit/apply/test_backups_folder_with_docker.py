"""The folder with the backups on a real machine: whoever may use it, and what its path may look like."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from llmchat_deploy.engine import helper
from tests.unit.images import image

pytestmark = pytest.mark.docker

GROUP = os.getegid() or 12345
"""An operator's own group; the superuser's would hide what only others meet."""
NAME = "llmchat-test-20261125-101500-0001"


def facts(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_uid, found.st_gid, found.st_mode & 0o7777


def test_what_is_made_in_a_folder_that_was_handed_over_is_its_groups(tmp_path: Path) -> None:
    folder = tmp_path / 'a, "b" $HOME' / "backups"
    folder.mkdir(parents=True)
    for name in (f"{NAME}.json", "notes.txt"):
        (folder / name).write_text("{}")
        (folder / name).chmod(0o600)

    subprocess.run(helper.hand_over(image("backend"), str(folder), group=GROUP), check=True)

    assert facts(folder) == (10001, GROUP, 0o2770)
    assert facts(folder / f"{NAME}.json") == (10001, GROUP, 0o640)
    assert facts(folder / "notes.txt")[0] == os.geteuid()
    made = helper.job(image("backend"), "", (helper.Mount(str(folder), "/backups"),), group=GROUP)[:-1]
    touch = ("touch" if word == helper.PROGRAM else word for word in made)
    subprocess.run((*touch, f"/backups/{NAME}.tar.zst"), check=True, stdin=subprocess.DEVNULL)
    assert facts(folder / f"{NAME}.tar.zst")[:2] == (10001, GROUP)
    subprocess.run((*_root(folder), "chown", "-R", f"{os.geteuid()}:{os.getegid()}", "/backups"), check=True)


def _root(folder: Path) -> tuple[str, ...]:
    mount = helper.Mount(str(folder), "/backups").argument
    return ("docker", "run", "--rm", "--user", "0", "--mount", mount, "--entrypoint", "/usr/bin/env", image("backend"))
