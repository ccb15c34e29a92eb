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


def unread(buffering: int) -> Iterator[TextIO]:
    """Give the writing end of a pipe whose reader has gone."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", buffering=buffering, encoding="utf-8") as stream:
        yield stream


@pytest.fixture
def out() -> Iterator[TextIO]:
    """Give standard output as Python opens it on a pipe: written when there is enough, or at the end."""
    yield from unread(buffering=-1)


@pytest.fixture
def err() -> Iterator[TextIO]:
    """Give standard error: written line by line."""
    yield from unread(buffering=1)


def left(world: FakeWorld, *arguments: str, out: TextIO, err: TextIO) -> int:
    """Run a command line and return its exit code."""
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
        typer.main.get_command(app).main(list(arguments), obj=Session(world))
    code = ended.value.code
    assert isinstance(code, int)
    return code


def test_a_plan_that_nobody_sees_is_not_carried_out(world: FakeWorld, out: TextIO) -> None:
    assert left(world, "up", out=out, err=io.StringIO()) == 130
    assert world.writes == []


@pytest.mark.parametrize("verbose", [(), ("--verbose",)], ids=["lines of steps", "lines of builds"])
def test_work_that_nobody_watches_is_done_to_its_end(
    run: Run, world: FakeWorld, err: TextIO, verbose: tuple[str, ...]
) -> None:
    told = io.StringIO()
    assert left(world, "up", *verbose, out=told, err=err) == 0
    assert "http://192.168.1.100:3000" in told.getvalue()
    assert run("up").out.startswith("Nothing to do")


def test_a_failing_step_is_one_for_those_who_left_too(world: FakeWorld, err: TextIO) -> None:
    world.engine_.model_answers = False
    assert left(world, "up", "--require-model", out=io.StringIO(), err=err) == 9


@pytest.mark.parametrize("argv", [("config", "validate", *BAD_PORT), ("config", "validate", "--json", *BAD_PORT)])
def test_a_refusal_is_one_where_nobody_reads_it(
    world: FakeWorld, out: TextIO, err: TextIO, argv: tuple[str, ...]
) -> None:
    assert left(world, *argv, out=out, err=err) == 3


@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_a_result_is_what_it_is_where_nobody_reads_it(
    deployed: Run, world: FakeWorld, out: TextIO, err: TextIO, as_json: tuple[str, ...]
) -> None:
    assert left(world, "plan", "--exit-code", "--set", "server.web_port=3001", *as_json, out=out, err=err) == 10


def test_whoever_leaves_a_log_has_seen_enough(deployed: Run, world: FakeWorld, err: TextIO) -> None:
    world.engine_.log_text["llmchat-production-edge"] = "hello\n"
    assert left(world, "logs", out=err, err=io.StringIO()) == 0


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
        (">/dev/full", ("--json", *BAD_PORT), 3),
        (">/dev/full 2>&1", ("--json", *BAD_PORT), 3),
        ("| sleep 0", ("--json", *BAD_PORT), 3),
    ],
)
def test_streams_that_are_closed_or_full_change_no_exit_code(
    tmp_path: Path, redirected: str, arguments: tuple[str, ...], code: int
) -> None:
    file = tmp_path / ".env.production"
    file.write_text(PRODUCTION, encoding="utf-8")
    file.chmod(0o600)
    ran = by_a_shell(tmp_path, ("config", "validate", "-e", "production", *arguments), redirected)
    assert ran.returncode == code
    if code == 5 and not arguments:
        assert ran.stderr.startswith("Error: What this command says can't be written: No space left on device.")


@pytest.mark.slow
@pytest.mark.parametrize("option", ["--version", "--help"])
@pytest.mark.parametrize(("redirected", "code"), [("| sleep 0", 0), (">/dev/full", 5)])
def test_nor_do_they_where_only_a_question_is_answered(tmp_path: Path, option: str, redirected: str, code: int) -> None:
    assert by_a_shell(tmp_path, (option,), redirected).returncode == code


def by_a_shell(folder: Path, arguments: tuple[str, ...], redirected: str) -> subprocess.CompletedProcess[str]:
    """Run the tool as people do: what it writes to a pipe or a file leaves it when there is enough, or at its end."""
    tool = " ".join((sys.executable, "-m", "llmchat_deploy", *arguments))
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    ran = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{tool} {redirected}"],
        cwd=folder, env=environ | {"PYTHONPATH": PYTHONPATH}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in ran.stdout + ran.stderr
    assert "Exception ignored" not in ran.stdout + ran.stderr
    return ran
