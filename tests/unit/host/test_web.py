"""Streams as they come, from real sockets."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from llmchat_deploy.host import web
from llmchat_deploy.host.base import SeenStream

GAP = 0.1
EVENTS = tuple(b'event: probe\ndata: {"ms":%d}\n\n' % (number * 100) for number in range(4))
Write = Callable[[bytes], None]


class Server:
    """Answers each path with what a test gave it."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[dict[str, str], Callable[[Write], None]]] = {}
        self.asked: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.asked.append(dict(self.headers))
                headers, body = outer.answers.get(self.path, ({}, lambda write: None))
                self.send_response(200 if self.path in outer.answers else 404)
                for name, value in {**headers, "Transfer-Encoding": "chunked"}.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    body(lambda piece: self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece)) and None)
                    self.wfile.write(b"0\r\n\r\n")
                except OSError:
                    pass

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def see(self, body: Callable[[Write], None], *, timeout: float = 5.0, **headers: str) -> SeenStream:
        self.answers["/s"] = ({name.replace("_", "-"): value for name, value in headers.items()}, body)
        return web.stream_of(f"{self.url}/s", timeout)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def one_by_one(write: Write) -> None:
    for number, event in enumerate(EVENTS):
        if number:
            time.sleep(GAP)
        write(event)


def gathered(write: Write) -> None:
    time.sleep(GAP * 3)
    write(b"".join(EVENTS))


def test_each_event_has_the_time_it_was_sent_and_the_time_it_came(server: Server) -> None:
    seen = server.see(one_by_one)

    assert (seen.status, seen.sent) == (200, (0.0, 0.1, 0.2, 0.3))
    assert seen.arrived == tuple(sorted(seen.arrived))
    assert seen.arrived[-1] - seen.arrived[0] > GAP * 2


def test_what_was_gathered_came_at_once_and_late(server: Server) -> None:
    seen = server.see(gathered)

    assert seen.sent == (0.0, 0.1, 0.2, 0.3)
    assert len(set(seen.arrived)) == 1
    assert seen.arrived[0] >= GAP * 3


def test_gzip_is_asked_for_as_a_browser_does_and_understood(server: Server) -> None:
    def packed(write: Write) -> None:
        whole = gzip.compress(b"".join(EVENTS))
        write(whole[:10])  # the first bytes are no event yet
        time.sleep(GAP)
        write(whole[10:])

    seen = server.see(packed, Content_Encoding="gzip")

    assert "gzip" in server.asked[-1]["Accept-Encoding"]
    assert seen.sent == (0.0, 0.1, 0.2, 0.3)
    assert seen.arrived[0] >= GAP


def test_an_event_cut_in_pieces_counts_when_it_is_whole(server: Server) -> None:
    def cut(write: Write) -> None:
        write(b'data: {"m')
        time.sleep(GAP)
        write(b's":0}\n\n')

    seen = server.see(cut)

    assert seen.sent == (0.0,)
    assert seen.arrived[0] >= GAP


@pytest.mark.parametrize("page", [b"<html>\nwelcome\n", b'data: no\ndata: 3\ndata: []\ndata: {"ms":"x"}\n'])
def test_something_else_is_no_stream(server: Server, page: bytes) -> None:
    assert server.see(lambda write: write(page)) == SeenStream(200)


def test_a_stream_without_an_end_is_left(server: Server) -> None:
    def endless(write: Write) -> None:
        while True:
            write(b": ping\n\n")
            time.sleep(0.02)

    began = time.monotonic()
    assert server.see(endless, timeout=0.3) == SeenStream(200)
    assert time.monotonic() - began < 20


def test_a_flood_is_left(server: Server) -> None:
    def flood(write: Write) -> None:
        while True:
            write(b"x" * 65536)

    began = time.monotonic()
    assert server.see(flood, timeout=60.0) == SeenStream(200)
    assert time.monotonic() - began < 30


def test_broken_gzip_and_closed_ports_are_nothing_that_answers(server: Server) -> None:
    assert server.see(lambda write: write(b"not packed"), Content_Encoding="gzip") == SeenStream(0)
    assert web.stream_of(f"{server.url}/nothing", 5.0) == SeenStream(404)
    assert web.stream_of("http://127.0.0.1:1/", 1.0) == SeenStream(0)
    assert web.stream_of("not a url", 1.0) == SeenStream(0)
