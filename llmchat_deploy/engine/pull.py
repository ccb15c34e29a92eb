"""Pull an image in bounded time: a registry may answer with the manifest and never deliver what it names.

The events are those of Docker's API (https://docs.docker.com/reference/api/engine/, ``POST /images/create``): a status
for each layer, with ``progressDetail`` in bytes while it is loaded and unpacked, and ``error`` where it failed.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import requests
import urllib3.exceptions
from docker.utils import parse_repository_tag

from llmchat_deploy.errors import DiskFull, PullFailed

STALL = 30.0
"""Seconds in which nothing comes before the registry counts as one that doesn't deliver."""
DEADLINE = 300.0
"""Seconds a pull may take as a whole: making the base takes less, wherever this isn't enough."""
TELL = 1.0
"""Seconds between two lines of progress; Docker sends ten a second."""
HINT = "Try again later, or set build.registry_prefix in the profile to a registry that delivers."

Clock = Callable[[], float]


def bounded(api: Any, reference: str, on_progress: Callable[[str], None], *, stall: float = STALL) -> None:
    """Pull an image through an API client of its own, which is closed; raises what :func:`follow` raises."""
    repository, tag = parse_repository_tag(reference)
    send = api.send
    # The SDK pulls without any timeout, whatever its client's is; this is where requests takes it.
    api.send = lambda request, **options: send(request, **{**options, "timeout": stall})
    with _timeouts(reference), contextlib.closing(api):
        # Asked without a tag, the engine pulls all there are.
        events = api.pull(repository, tag=tag or "latest", stream=True, decode=True)
        follow(events, reference, clock=time.monotonic, on_progress=on_progress)


def follow(
    events: Iterable[dict[str, Any]], reference: str, *, clock: Clock, on_progress: Callable[[str], None]
) -> None:
    """Read the events of a pull to their end, telling ``on_progress`` how far it is.

    ``events`` must raise the connection's own timeout where none comes for :data:`STALL` seconds. Raises PullFailed
    where the registry refuses or doesn't deliver in time, DiskFull where the engine has no room.
    """
    layers: dict[str, tuple[str, int, int]] = {}
    started = moved = clock()
    told = started - TELL
    for event in events:
        now = clock()
        if error := event.get("error"):
            raise _refused(reference, str(error))
        if _moves(layers, event):
            moved = now
        if now - moved > STALL:
            raise _late(reference)
        if now - started > DEADLINE:
            raise PullFailed(f"{reference} isn't here after {DEADLINE:.0f} s{_so_far(layers)}.", hint=HINT)
        if layers and now - told >= TELL:
            told = now
            on_progress(_line(layers))


def _moves(layers: dict[str, tuple[str, int, int]], event: dict[str, Any]) -> bool:
    """Take an event of a layer; say whether it is news. That the engine counts down to another try is none."""
    layer, status = event.get("id", ""), str(event.get("status", ""))
    detail = event.get("progressDetail") or {}
    _, loaded, size = layers.get(layer, ("", 0, 0))
    if status == "Downloading":
        loaded, size = int(detail.get("current", 0)), int(detail.get("total", size))
    elif status in ("Download complete", "Pull complete"):
        loaded = size
    key = status if status != "Extracting" else f"{status} {detail.get('current', 0)}"
    if status.startswith(("Retrying", "Waiting", "Pulling from")) or (key, loaded, size) == layers.get(layer):
        return False
    layers[layer] = (key, loaded, size)
    return True


def _line(layers: dict[str, tuple[str, int, int]]) -> str:
    size = sum(size for _, _, size in layers.values())
    if not size:
        return "waiting for the registry"
    loaded = sum(loaded for _, loaded, _ in layers.values())
    if loaded >= size:
        return f"{size / 1e6:.1f} MB loaded, unpacking"
    return f"{loaded / 1e6:.1f} of {size / 1e6:.1f} MB"


def _so_far(layers: dict[str, tuple[str, int, int]]) -> str:
    return f" ({_line(layers)})" if any(size for _, _, size in layers.values()) else ""


def _refused(reference: str, reason: str) -> PullFailed | DiskFull:
    if "no space left" in reason.lower():
        return DiskFull(
            f"Docker can't pull {reference}: the disk is full.", hint="Free space; docker system df shows what uses it."
        )
    return PullFailed(f"{reference} can't be pulled: {reason}", hint=HINT)


def _late(reference: str) -> PullFailed:
    return PullFailed(f"The registry of {reference} delivered nothing for {STALL:.0f} s.", hint=HINT)


@contextlib.contextmanager
def _timeouts(reference: str) -> Iterator[None]:
    """Turn the connection's timeouts, in whichever of their forms, into a PullFailed."""
    try:
        yield
    except (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError) as error:
        raise _late(reference) from error
    except requests.ConnectionError as error:
        if error.args and isinstance(error.args[0], urllib3.exceptions.TimeoutError):
            raise _late(reference) from error
        raise
