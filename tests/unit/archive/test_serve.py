"""The process that makes backups by itself: its settings, its log, its end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from llmchat_archive.errors import ArchiveError
from llmchat_archive.serve import Log, build

from tests.paths import PYTHONPATH

SETTINGS: dict[str, Any] = {
    "project": "chat",
    "environment": "production",
    "schedule": "30 3 * * *",
    "timezone": "Asia/Shanghai",
    "drill_every": 7,
    "policy": {"daily": 7},
    "lock": "/run/llmchat-lock",
    "backups": "/backups",
    "remotes": {"cellar": {"kind": "sftp", "password": "the-password"}},
    "webhook": "https://hooks.example/token",
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schedule": ""}, "schedule missing"),
        ({"schedule": "never"}, "'never' is no schedule"),
        ({"timezone": "Nowhere"}, "no timezone 'Nowhere'"),
        ({"lock": None, "project": ""}, "project, lock missing"),
    ],
)
def test_wrong_settings_are_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ArchiveError, match=message):
        build({**SETTINGS, **change}, Log())


def test_the_log_shows_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    log = Log()
    build(SETTINGS, log).say("no answer of https://hooks.example/token\nwith the-password")

    said = capsys.readouterr().out
    assert said.endswith("Z no answer of *** with ***\n")


def start(config: Path) -> subprocess.Popen[str]:
    program = "import sys; from llmchat_archive.serve import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.Popen(
        (sys.executable, "-c", program, "--config", str(config)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(config.parent), "PYTHONPATH": PYTHONPATH},
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_once_when_it_is_told_to(tmp_path: Path, number: signal.Signals) -> None:
    config = tmp_path / "backup.json"
    (tmp_path / "lock").touch()
    config.write_text(json.dumps({**SETTINGS, "backups": str(tmp_path), "lock": str(tmp_path / "lock")}))
    with start(config) as process:
        assert process.stdout
        assert "Waiting for the next backup" in process.stdout.readline()
        process.send_signal(number)

        said, _ = process.communicate(timeout=20)

    assert process.returncode == 0
    assert said.endswith("Stopped.\n")


@pytest.mark.parametrize("text", [None, "{", "[]"])
def test_settings_that_cannot_be_read_end_it_with_one_line(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "backup.json").write_text(text)
    with start(tmp_path / "backup.json") as process:
        _, said = process.communicate(timeout=20)

    assert process.returncode == 2
    assert said.count("\n") == 1
    assert "The settings are wrong" in said
