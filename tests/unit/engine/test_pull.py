"""The events of a pull: told as progress, and given up where a registry doesn't deliver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
import requests
import urllib3.exceptions

from llmchat_deploy.engine.pull import DEADLINE, STALL, bounded, follow
from llmchat_deploy.errors import DiskFull, PullFailed

REFERENCE = "debian:13-slim"


def layer(status: str, current: int = 0, total: int = 0, name: str = "5f1") -> dict[str, Any]:
    return {"id": name, "status": status, "progressDetail": {"current": current, "total": total} if total else {}}


def watched(events: Iterable[tuple[float, dict[str, Any]]]) -> list[str]:
    """Follow events that come at certain seconds, and return what was told."""
    now, told = [0.0], []

    def coming() -> Iterator[dict[str, Any]]:
        for at, event in events:
            now[0] = at
            yield event

    follow(coming(), REFERENCE, clock=lambda: now[0], on_progress=told.append)
    return told


def test_it_tells_once_a_second_how_far_it_is():
    told = watched([
        (0.0, {"id": "13-slim", "status": "Pulling from library/debian"}),
        (0.1, layer("Pulling fs layer")),
        (1.2, layer("Downloading", 1_000_000, 28_000_000)),
        (1.3, layer("Downloading", 2_000_000, 28_000_000)),
        (2.3, layer("Downloading", 14_500_000, 28_000_000)),
        (3.4, layer("Download complete")),
        (4.5, layer("Extracting", 1, 28_000_000)),
    ])  # fmt: skip

    assert told == [
        "waiting for the registry",
        "1.0 of 28.0 MB",
        "14.5 of 28.0 MB",
        "28.0 MB loaded, unpacking",
        "28.0 MB loaded, unpacking",
    ]


def test_a_slow_registry_that_delivers_is_waited_for():
    watched((at, layer("Downloading", at, 300)) for at in range(0, int(DEADLINE), 20))


def test_a_registry_whose_connections_break_again_and_again_delivers_nothing():
    seconds = iter(range(1, 1000))
    tries = [(next(seconds), layer(f"Retrying in {left} seconds")) for _ in range(20) for left in (5, 4, 3, 2, 1)]

    with pytest.raises(PullFailed, match=f"delivered nothing for {STALL:.0f} s"):
        watched([(0.0, layer("Pulling fs layer")), *tries])


def test_a_trickle_has_a_deadline_and_the_message_says_how_far_it_came():
    with pytest.raises(PullFailed, match=r"isn't here after 300 s \(0\.3 of 28\.0 MB\)"):
        watched((at, layer("Downloading", at * 1000, 28_000_000)) for at in range(1, 1000))


@pytest.mark.parametrize(
    ("said", "error"),
    [("manifest unknown", PullFailed), ("write /var/lib/docker/tmp/x: no space left on device", DiskFull)],
)
def test_what_the_engine_says_in_the_middle_ends_it(said, error):
    with pytest.raises(error):
        watched([(0.0, layer("Pulling fs layer")), (1.0, {"error": said, "errorDetail": {"message": said}})])


class Silent:
    """An API whose connection times out, in one of the forms this takes."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.asked: tuple[str, str] = ("", "")

    def pull(self, repository: str, *, tag: str, stream: bool, decode: bool) -> Iterator[dict[str, Any]]:
        self.asked = repository, tag
        raise self.error

    def send(self, request: object, **options: object) -> None:
        pass

    def close(self) -> None:
        pass


READ = urllib3.exceptions.ReadTimeoutError(None, "", "timed out")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "error", [READ, requests.ReadTimeout(), requests.ConnectionError(READ), TimeoutError()], ids=repr
)
def test_an_engine_that_tells_nothing_more_is_a_registry_that_delivers_nothing(error):
    with pytest.raises(PullFailed, match="delivered nothing"):
        bounded(Silent(error), REFERENCE, print)


def test_a_connection_that_breaks_is_not_the_registry_s_fault():
    with pytest.raises(requests.ConnectionError):
        bounded(Silent(requests.ConnectionError("Connection aborted.")), REFERENCE, print)


def test_without_a_tag_only_the_latest_is_pulled():
    api = Silent(TimeoutError())
    with pytest.raises(PullFailed):
        bounded(api, "mirror.example.com:5000/mine", print)

    assert api.asked == ("mirror.example.com:5000/mine", "latest")
