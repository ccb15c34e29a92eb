"""A server that hears what scheduled backups tell."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from tests.contract.peers import LOOPBACK

LAST = ("/ping", "/ping/fail")
"""What is asked for last in a run, where ``/ping`` is the dead man's switch."""


class Listener:
    """Hears POSTs; ``done`` is set when the last ping of a run came."""

    def __init__(self, address: str = LOOPBACK) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.done = threading.Event()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                listener.heard.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                if self.path in LAST:
                    listener.done.set()

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer((address, 0), Handler)
        self.url = f"http://{address}:{self.server.server_address[1]}"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()
