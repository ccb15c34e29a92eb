"""Servers that fail, each in one way. Loopback only; they end with their test."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit


class Silent:
    """Takes connections and never says a word."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._links: list[socket.socket] = []
        self._thread = threading.Thread(target=self._take, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        for link in self._links:
            link.close()

    def _take(self) -> None:
        while True:
            try:
                self._links.append(self._listener.accept()[0])
            except OSError:
                return


FAULTS: dict[str, Callable[[bytes], bytes | None]] = {
    "": lambda body: body,
    "answers_500": lambda _: None,
    "stores_short": lambda body: body[: len(body) // 2],
    "flips_a_bit": lambda body: bytes([body[0] ^ 1]) + body[1:],
}
"""What a store makes of what it is given; None: it fails."""


class Store:
    """A tiny object store without signatures, with one of the faults."""

    def __init__(self, fault: str) -> None:
        self.objects: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.keep = FAULTS[fault]
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, store: Store, *args: Any) -> None:
        self._store = store
        super().__init__(*args)

    def do_PUT(self) -> None:
        self._store.asked.append("PUT")
        kept = self._store.keep(self.rfile.read(int(self.headers["Content-Length"])))
        if kept is None:
            self._answer(500)
            return
        self._store.objects[self._key] = kept
        self._answer(200, headers={"ETag": '"x"'})

    def do_HEAD(self) -> None:
        body = self._store.objects.get(self._key)
        self._answer(404 if body is None else 200, length=len(body or b""))

    def do_GET(self) -> None:
        body = self._store.objects.get(self._key, b"")
        first, _, last = self.headers["Range"].removeprefix("bytes=").partition("-")
        part = body[int(first) : int(last) + 1]
        self._answer(206, part, headers={"Content-Range": f"bytes {first}-{last}/{len(body)}"})

    def do_DELETE(self) -> None:
        self._store.objects.pop(self._key, None)
        self._answer(204)

    def log_message(self, *args: object) -> None:
        pass

    @property
    def _key(self) -> str:
        return urlsplit(self.path).path

    def _answer(
        self, status: int, body: bytes = b"", *, length: int | None = None, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.send_header("Last-Modified", "Wed, 20 May 2026 12:00:00 GMT")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
