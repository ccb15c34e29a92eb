"""Why a connection to a model server failed: only what can be seen from here.

The page takes the addresses out of these sentences, to say the rest in its own language (`model-advice.ts`).
"""

from __future__ import annotations

import asyncio
import socket
import struct
from pathlib import Path
from urllib.parse import urlsplit

_KNOCK_SECONDS = 2
_ROUTES = Path("/proc/net/route")
_DEFAULT_ROUTE = "00000000"


async def explain_refusal(url: str) -> tuple[str, str, str]:
    """Return reason, detail and hint for a URL nobody answers at, after knocking at this machine's other doors."""
    host, port = host_and_port(url)
    for other in (other for other in ("127.0.0.1", _gateway()) if other and other != host):
        if await _answers(other, port):
            return (
                "other_address",
                f"Nothing answers at {host}:{port}, but something listens at {other}:{port}.",
                _hint(other),
            )
    return (
        "nothing_listens",
        f"Nothing answers at {host}:{port}.",
        "Start the model server, or correct the address and port in the model's URL.",
    )


def host_and_port(url: str) -> tuple[str, int]:
    """Return where a URL connects to; raises ValueError for a port that is none."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _hint(other: str) -> str:
    if other == "127.0.0.1":
        return "It listens on the loopback address only: use 127.0.0.1 in the URL, or let it listen on 0.0.0.0."
    return f"127.0.0.1 is this container itself: use the host network, or {other}, the container's gateway, in the URL."


async def _answers(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(_KNOCK_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


def _gateway() -> str | None:
    """Return the default gateway, which in a container on a bridge is the host."""
    try:
        rows = [line.split() for line in _ROUTES.read_text().splitlines()[1:]]
    except OSError:
        return None
    for row in rows:
        if row[1] == _DEFAULT_ROUTE:
            return socket.inet_ntoa(struct.pack("=L", int(row[2], 16)))
    return None
