"""The container's health: whether its loop still turns."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from llmchat_archive.heartbeat import LONGEST_JOB, Heartbeat, is_alive


@pytest.fixture
def clock() -> Iterator[list[float]]:
    """Give a clock to hearts; at the end each stops, else it went on to write files while other tests count them."""
    clock = [1000.0]
    yield clock
    clock[0] += 2 * LONGEST_JOB
    for thread in threading.enumerate():
        if thread.name == "heartbeat":
            thread.join(10)
            assert not thread.is_alive()


def test_a_loop_that_turns_is_alive_and_a_long_job_too(tmp_path: Path, clock: list[float]) -> None:
    file = tmp_path / "alive"
    Heartbeat(file, clock=lambda: clock[0], every=0.01).moved()
    wait_until(file, "1000.0")
    assert is_alive(file, clock=lambda: clock[0])
    clock[0] += 3600

    wait_until(file, "4600.0")

    assert is_alive(file, clock=lambda: clock[0] + 100)
    assert not is_alive(file, clock=lambda: clock[0] + 130)


def test_a_loop_that_hangs_stops_to_beat(tmp_path: Path, clock: list[float]) -> None:
    file = tmp_path / "alive"
    Heartbeat(file, clock=lambda: clock[0], every=0.01)
    wait_until(file, "1000.0")
    clock[0] += LONGEST_JOB

    time.sleep(0.1)

    assert file.read_text() == "1000.0"


def test_a_full_disk_stops_no_heart_for_good(tmp_path: Path, clock: list[float]) -> None:
    folder = tmp_path / "full"
    Heartbeat(folder / "alive", clock=lambda: clock[0], every=0.01)
    time.sleep(0.05)
    folder.mkdir()

    wait_until(folder / "alive", "1000.0")


@pytest.mark.parametrize("content", [None, "", "soon", "99999999"])
def test_without_a_sign_of_life_it_is_not_alive(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "alive").write_text(content)

    assert not is_alive(tmp_path / "alive", clock=lambda: 1000.0)


def wait_until(file: Path, content: str) -> None:
    until = time.monotonic() + 60
    while not (file.exists() and file.read_text() == content):
        assert time.monotonic() < until
        time.sleep(0.005)
