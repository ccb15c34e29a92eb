"""Commands inside real containers, above all those that never end."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest

from llmchat_deploy.engine.base import TIMED_OUT
from llmchat_deploy.engine.sdk import SdkEngine
from tests.unit.images import image

pytestmark = pytest.mark.docker


@pytest.fixture
def container() -> Iterator[str]:
    name = f"llmchat-test-exec-{uuid4().hex[:6]}"
    argv = ["docker", "run", "--detach", "--init", "--name", name, "--entrypoint", "sleep", image("edge"), "600"]
    subprocess.run(argv, check=True, capture_output=True)
    try:
        yield name
    finally:
        subprocess.run(["docker", "rm", "--force", name], check=True, capture_output=True)


def processes(container: str) -> str:
    return subprocess.run(["docker", "top", container], check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("stdin", [b"", b"something to read"])
def test_a_command_that_hangs_is_ended_and_leaves_nothing_behind(container, stdin):
    began = time.monotonic()
    result = SdkEngine.connect().exec(container, ("bash", "-c", "echo begun; sleep 777"), stdin=stdin, timeout=1)

    assert (result.status, result.stderr) == (TIMED_OUT, "no answer within 1 s")
    assert result.stdout == "begun\n"
    assert time.monotonic() - began < 20
    assert "sleep 777" not in processes(container)


@pytest.mark.parametrize("stdin", [b"", b"something to read"])
def test_a_command_that_not_even_the_container_can_end_is_given_up(container, stdin):
    """It takes no signal but the last, and what would send that one is stopped itself."""
    script = "kill -STOP $PPID; sleep 777"
    result = SdkEngine.connect().exec(container, ("bash", "-c", script), stdin=stdin, timeout=1)

    assert (result.status, result.stderr) == (TIMED_OUT, "no answer within 1 s")


def test_a_command_that_ends_in_time_leaves_what_it_left(container):
    argv = ("bash", "-c", "cat; echo bad >&2; exit 3")
    result = SdkEngine.connect().exec(container, argv, stdin=b"given", timeout=30)

    assert (result.status, result.stdout, result.stderr) == (3, "given", "bad\n")
    argv = ("bash", "-c", "echo good; echo bad >&2; exit 3")
    result = SdkEngine.connect().exec(container, argv, timeout=30)
    assert (result.status, result.stdout, result.stderr) == (3, "good\n", "bad\n")
