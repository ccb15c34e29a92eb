"""Nobody reads what the tool says, or it can't be written: what it does, and its exit code, stay true."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TextIO

import pytest
import typer.main

from llmchat_deploy.cli.app import app
from llmchat_deploy.cli.session import Session
from tests.cli.conftest import PRODUCTION, FakeWorld, Run
from tests.paths import PYTHONPATH

BAD_PORT = ("--set", "server.web_port=0")
Left = Callable[..., int]


@pytest.fixture
def unread() -> Iterator[TextIO]:
    """Give the writing end of a pipe whose reader has gone."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", buffering=1, encoding="utf-8") as stream:
        yield stream


def left(world: FakeWorld, *arguments: str, out: TextIO, err: TextIO) -> int:
    """Run a command line and return its exit code."""
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
        typer.main.get_command(app).main(list(arguments), obj=Session(world))
    code = ended.value.code
    assert isinstance(code, int)
    return code


def test_a_plan_that_nobody_sees_is_not_carried_out(world: FakeWorld, unread: TextIO) -> None:
    assert left(world, "up", out=unread, err=io.StringIO()) == 130
    assert world.writes == []


@pytest.mark.parametrize("verbose", [(), ("--verbose",)], ids=["lines of steps", "lines of builds"])
def test_work_that_nobody_watches_is_done_to_its_end(
    run: Run, world: FakeWorld, unread: TextIO, verbose: tuple[str, ...]
) -> None:
    out = io.StringIO()
    assert left(world, "up", *verbose, out=out, err=unread) == 0
    assert "http://192.168.1.100:3000" in out.getvalue()
    assert run("up").out.startswith("Nothing to do")


def test_a_failing_step_is_one_for_those_who_left_too(world: FakeWorld, unread: TextIO) -> None:
    world.engine_.model_answers = False
    assert left(world, "up", "--require-model", out=io.StringIO(), err=unread) == 9


@pytest.mark.parametrize("argv", [("config", "validate", *BAD_PORT), ("config", "validate", "--json", *BAD_PORT)])
def test_a_refusal_is_one_where_nobody_reads_it(world: FakeWorld, unread: TextIO, argv: tuple[str, ...]) -> None:
    assert left(world, *argv, out=unread, err=unread) == 3


def test_a_result_is_what_it_is_where_nobody_reads_it(deployed: Run, world: FakeWorld, unread: TextIO) -> None:
    assert left(world, "plan", "--exit-code", "--set", "server.web_port=3001", out=unread, err=unread) == 10


def test_whoever_leaves_a_log_has_seen_enough(deployed: Run, world: FakeWorld, unread: TextIO) -> None:
    assert left(world, "logs", out=unread, err=io.StringIO()) == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("redirected", "arguments", "code"),
    [
        (">&- 2>&- <&-", (), 0),
        (">&-", BAD_PORT, 3),
        ("2>&-", BAD_PORT, 3),
        ("2>/dev/full", BAD_PORT, 3),
        (">/dev/full", (), 5),
        (">/dev/full", ("--json",), 5),
        (">/dev/full 2>&1", ("--json", *BAD_PORT), 3),
    ],
)
def test_streams_that_are_closed_or_full_change_no_exit_code(
    tmp_path: Path, redirected: str, arguments: tuple[str, ...], code: int
) -> None:
    file = tmp_path / ".env.production"
    file.write_text(PRODUCTION, encoding="utf-8")
    file.chmod(0o600)
    tool = " ".join((sys.executable, "-m", "llmchat_deploy", "config", "validate", "-e", "production", *arguments))
    ran = subprocess.run(
        ["bash", "-c", f"exec {tool} {redirected}"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": PYTHONPATH}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == code
    assert "Traceback" not in ran.stdout + ran.stderr
    if code == 5 and not arguments:
        assert ran.stderr.startswith("Error: What this command says can't be written: No space left on device.")
