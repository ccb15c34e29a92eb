"""Commands: their lines while they run, all of their output, and nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from llmchat_deploy.errors import HostError, PrerequisiteError
from llmchat_deploy.host.local import LocalHost
from tests.paths import PYTHONPATH


@pytest.fixture
def host(tmp_path: Path) -> LocalHost:
    return LocalHost(tmp_path / "project", "llmchat-test", state_root=tmp_path / "state")


def test_lines_come_while_the_command_runs(host):
    lines: list[str] = []
    script = "import sys; print('one', flush=True); print('two', file=sys.stderr, flush=True)"

    result = host.run((sys.executable, "-c", script), on_line=lines.append)

    assert sorted(lines) == ["one\n", "two\n"]
    assert (result.status, result.stdout, result.stderr) == (0, "one\n", "two\n")


def test_megabytes_on_both_outputs_and_on_the_input_block_nothing(host):
    script = (
        "import sys; data = sys.stdin.buffer.read();"
        "sys.stderr.buffer.write(data); sys.stdout.buffer.write(data); sys.exit(7)"
    )
    data = b"0123456789abcde\n" * 650_000  # 10.4 MB

    result = host.run((sys.executable, "-c", script), stdin=data)

    assert result.status == 7
    assert len(result.stdout) == len(result.stderr) == len(data)


def test_a_command_that_does_not_read_its_input_is_no_error_of_ours(host):
    assert host.run((sys.executable, "-c", ""), stdin=b"x" * 10_000_000).status == 0


def test_the_environment_is_added_to(host, monkeypatch):
    monkeypatch.setenv("KEPT", "kept")
    script = "import os; print(os.environ['KEPT'], os.environ['ADDED'])"

    assert host.run((sys.executable, "-c", script), env={"ADDED": "$x 中"}).stdout == "kept $x 中\n"


def test_output_that_is_not_utf8_is_shown_as_well_as_can_be(host):
    script = "import sys; sys.stdout.buffer.write(b'a\\xffb\\n')"

    assert host.run((sys.executable, "-c", script)).stdout == "a\N{REPLACEMENT CHARACTER}b\n"


def test_a_missing_command_says_how_to_get_it(host):
    with pytest.raises(PrerequisiteError, match="The command no-such-command is not there") as error:
        host.run(("no-such-command",))

    assert "setup" in error.value.hint


def test_a_command_that_may_not_be_run_is_named(host, tmp_path):
    with pytest.raises(HostError, match="can't be started"):
        host.run((str(tmp_path),))


def test_an_interruption_ends_the_command_too(host, tmp_path):
    script = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(60)"
    outer = (
        "import os, signal, threading, sys, pathlib, time\n"
        "from llmchat_deploy.host.process import run_command\n"
        "def interrupt():\n"
        "    while not pathlib.Path('pid').exists(): time.sleep(0.01)\n"
        "    time.sleep(0.1); os.kill(os.getpid(), signal.SIGINT)\n"
        "threading.Thread(target=interrupt, daemon=True).start()\n"
        f"run_command((sys.executable, '-c', {script!r}), env=dict(os.environ), stdin=b'', on_line=None)\n"
    )
    env = {**os.environ, "PYTHONPATH": PYTHONPATH}
    ended = subprocess.run([sys.executable, "-c", outer], cwd=tmp_path, env=env, capture_output=True, timeout=30)  # noqa: PLW1510

    assert b"KeyboardInterrupt" in ended.stderr
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text()}").exists()
