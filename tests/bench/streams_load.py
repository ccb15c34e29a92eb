"""The two ends of the benchmark of many answers at once: a model server that stamps its tokens, and those who ask.

Both share the machine's cores with the service, so that every microsecond one of them takes is missing to it. They are
protocols of asyncio that read HTTP with httptools, on uvloop: server and client of aiohttp took twice as much.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

import httptools
import orjson
import uvloop

TOKENS, PAUSE = 50, 0.02
PATIENCE = 60.0
"""Seconds for one answer."""

_EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_LAST = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
_STAMPED = b'data: {"choices":[{"index":0,"delta":{"content":"%.6f "},"finish_reason":null}]}\n\n'


@dataclass
class Stream:
    """One answer as a client met it: when it was asked for, and when each token was sent and came."""

    asked: float = 0.0
    tokens: list[tuple[float, float]] = field(default_factory=list)
    failure: str = ""


class Client(asyncio.Protocol):
    """A connection that asks one question after the other."""

    def __init__(self) -> None:
        self._stream = Stream()
        self._rest = b""
        self._ended: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport
        self._parser = httptools.HttpResponseParser(self)

    @classmethod
    async def connect(cls, url: str) -> Client:
        """Connect to the server of a URL."""
        parts = urlsplit(url)
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(cls, parts.hostname, parts.port)
        return client

    async def ask(self, url: str, headers: dict[str, str], body: dict[str, Any]) -> Stream:
        """Read one answer to its end, or note why it has none."""
        self._stream = Stream(asked=time.monotonic())
        if self._transport.is_closing():
            self._stream.failure = "the connection was closed before"
            return self._stream
        content = orjson.dumps(body)
        parts = urlsplit(url)
        more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = (
            f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{more}"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        self._parser = httptools.HttpResponseParser(self)
        self._rest, self._ended = b"", asyncio.get_running_loop().create_future()
        self._transport.write(head.encode() + content)
        try:
            await asyncio.wait_for(self._ended, PATIENCE)
        except TimeoutError:
            self._stream.failure = f"no end after {PATIENCE:.0f} s"
            self.close()
        return self._stream

    def close(self) -> None:
        """Hang up."""
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what to write to."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(str(error))
            self.close()

    def connection_lost(self, _error: Exception | None) -> None:
        """Note an answer that isn't whole."""
        self._fail("the connection was closed")

    def _fail(self, why: str) -> None:
        if self._ended is not None and not self._ended.done():
            self._stream.failure = why
            self._ended.set_result(None)

    def on_body(self, body: bytes) -> None:
        """Note the moment at which each token came, whoever sends it: `text` is ours, `content` the model server's."""
        came = time.monotonic()
        *lines, self._rest = (self._rest + body).split(b"\n")
        for line in lines:
            if not line.startswith(b'data: {"') or (b'"text"' not in line and b'"content"' not in line):
                continue
            data = orjson.loads(line[6:])
            text = data["text"] if "text" in data else data["choices"][0]["delta"]["content"]
            self._stream.tokens += [(float(stamp), came) for stamp in text.split()]

    def on_message_complete(self) -> None:
        """Give the answer to whoever asked."""
        if (status := self._parser.get_status_code()) != 200:
            self._stream.failure = f"status {status}"
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(None)


@contextmanager
def model_server() -> Iterator[int]:
    """Start the model server in a process of its own and yield its port."""
    argv = (sys.executable, __file__)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield int(process.stdout.readline())
        finally:
            process.terminate()


class _Model(asyncio.Protocol):
    """A connection to the model server: any request is answered by tokens, each with the moment it is sent."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport
        self._parser = httptools.HttpRequestParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        self._transport.write(_EVENTS)
        self._send(asyncio.get_running_loop().time(), 0)

    def _send(self, begun: float, number: int) -> None:
        if self._transport.is_closing():
            return
        event = _STAMPED % time.monotonic()
        self._transport.write(b"%x\r\n%b\r\n" % (len(event), event))
        number += 1
        if number == TOKENS:
            self._transport.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(_LAST), _LAST))
            return
        asyncio.get_running_loop().call_at(begun + number * PAUSE, self._send, begun, number)


async def _serve() -> None:
    """Stamp tokens until terminated."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        server = await asyncio.get_running_loop().create_server(_Model, sock=listener, backlog=1024)
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve())
