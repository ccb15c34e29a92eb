"""What answers at a URL, asked from this machine directly."""

from __future__ import annotations

import http.client
import json
import ssl
import time
import urllib.error
import urllib.request
import zlib

from llmchat_deploy.host.base import SeenStream

PIECE = 64 * 1024
LONGEST = 1024 * 1024
"""Bytes that are read of a stream: the service's has a few hundred, and anything may stand in front of it."""
DATA = b"data: "


def status_of(url: str, timeout: float) -> int:
    """Return the HTTP status of ``url``; 0 where nothing answers."""
    try:
        with _opener(url).open(url, timeout=timeout) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, ValueError, http.client.HTTPException):  # whatever listens there, it isn't the service
        return 0


def stream_of(url: str, timeout: float) -> SeenStream:
    """Return when each event of the stream at ``url`` was sent, and when it arrived; taking gzip as browsers do."""
    headers = {"Accept": "text/event-stream", "Accept-Encoding": "gzip"}
    began = time.monotonic()
    try:
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - a configured URL
        with _opener(url).open(request, timeout=timeout) as answer:
            return _watched(answer, began, timeout)
    except urllib.error.HTTPError as error:
        return SeenStream(error.code)
    except (OSError, ValueError, http.client.HTTPException, zlib.error):
        return SeenStream(0)


def _watched(answer: http.client.HTTPResponse, began: float, timeout: float) -> SeenStream:
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16) if answer.headers["Content-Encoding"] == "gzip" else None
    sent: list[float] = []
    arrived: list[float] = []
    rest, length = b"", 0
    while length < LONGEST and (now := time.monotonic() - began) < timeout and (piece := answer.read1(PIECE)):
        now = time.monotonic() - began
        length += len(piece)
        *lines, rest = (rest + (unpack.decompress(piece, LONGEST) if unpack else piece)).split(b"\n")
        for line in lines:
            if line.startswith(DATA) and (at := _sent(line.removeprefix(DATA))) is not None:
                sent.append(at)
                arrived.append(now)
    return SeenStream(answer.status, tuple(sent), tuple(arrived))


def _sent(data: bytes) -> float | None:
    try:
        return float(json.loads(data)["ms"]) / 1000
    except (ValueError, TypeError, KeyError):
        return None


def _opener(url: str) -> urllib.request.OpenerDirector:
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
    if url.startswith("https:"):
        # Asked by this machine's own address, for which the certificate need not be: `cert show` looks at that.
        unverified = ssl._create_unverified_context()  # noqa: S323, SLF001
        handlers.append(urllib.request.HTTPSHandler(context=unverified))
    return urllib.request.build_opener(*handlers)
