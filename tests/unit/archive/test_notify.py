"""Who is told what, and that the addresses stay secret."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import urllib3
from llmchat_archive.notify import Notifier

from tests.contract.broken import Silent

TOKEN = "3f1c-secret-token"


class Listener:
    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.answers: list[int] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                listener.heard.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(listener.answers.pop(0) if listener.answers else 200)
                self.send_header("Location", f"/{TOKEN}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/{TOKEN}"


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    thread = threading.Thread(target=listener.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield listener
    listener.server.shutdown()
    listener.server.server_close()
    thread.join()


def notifier(webhook: str = "", ping: str = "", slept: list[float] | None = None) -> Notifier:
    waits = [] if slept is None else slept
    return Notifier("chat", "production", webhook, ping, urllib3.Timeout(connect=0.3, read=0.3), waits.append)


def test_the_webhook_gets_the_event_as_json(listener: Listener) -> None:
    why = notifier(webhook=listener.url).tell("backup_succeeded", "all is well", id="20260520-120000-0001", bytes=5)

    assert why == ""
    [(path, body)] = listener.heard
    assert path == f"/{TOKEN}"
    assert json.loads(body) == {
        "event": "backup_succeeded",
        "project": "chat",
        "environment": "production",
        "message": "all is well",
        "id": "20260520-120000-0001",
        "bytes": 5,
    }


def test_the_dead_mans_switch_hears_start_success_and_failure(listener: Listener) -> None:
    switch = notifier(ping=f"{listener.url}/?create=1")
    for how in ("start", "success", "fail"):
        switch.ping(how, "why" if how == "fail" else "")  # type: ignore[arg-type]

    assert listener.heard == [
        (f"/{TOKEN}/start?create=1", b""),
        (f"/{TOKEN}?create=1", b""),
        (f"/{TOKEN}/fail?create=1", b"why"),
    ]


def test_nobody_is_told_where_nobody_is_named() -> None:
    assert notifier().tell("backup_failed", "x") == ""
    assert notifier().ping("fail") == ""


def test_a_busy_listener_is_asked_three_times(listener: Listener) -> None:
    slept: list[float] = []
    listener.answers = [503, 429, 200]

    assert notifier(webhook=listener.url, slept=slept).tell("backup_failed", "x") == ""
    assert len(listener.heard) == 3
    assert slept == [2.0, 4.0]


@pytest.mark.parametrize("status", [404, 302])
def test_a_listener_that_refuses_is_asked_once(listener: Listener, status: int) -> None:
    listener.answers = [status]

    assert notifier(webhook=listener.url).tell("backup_failed", "x") == f"the webhook answered {status}"
    assert len(listener.heard) == 1


@pytest.mark.slow
def test_what_goes_wrong_is_told_without_the_address(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with Silent() as silent:
        whys = [
            notifier(webhook=f"http://127.0.0.1:{silent.port}/{TOKEN}").tell("backup_failed", "x"),
            notifier(ping=f"http://nowhere.invalid/{TOKEN}").ping("fail"),
            notifier(ping=f"nonsense:{TOKEN}").ping("fail"),
        ]

    assert all("can't be reached" in why for why in whys), whys
    assert TOKEN not in "".join(whys) + caplog.text + "".join(capfd.readouterr())
