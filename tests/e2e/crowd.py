"""Two hundred people who use the service all the while: each request is written down, and so is each that fails.

``python -m tests.e2e.crowd PORT LOG CA``, a token on its input: a process of its own, so that neither slows the other.
Each client keeps one connection; one that is cut is a failure. A line of the log is the moment a request began, how
long it took (seconds, the monotonic clock), what it was, and how it failed.
"""

from __future__ import annotations

import http.client
import itertools
import json
import signal
import ssl
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TextIO

from tests.e2e.chat import BOUNDARY, PASSWORD, Chat, connect
from tests.paths import REPOSITORY

CLIENTS = 200
UPLOADERS, LOGGING_IN = 20, 10
"""Of all clients; the others make short requests."""
PAUSE, LONG_PAUSE = 1.0, 10.0
"""Seconds between two short requests of a client, and between two log-ins or uploads."""
GIVEN_UP = 30.0
"""Seconds until a client takes silence for a failure."""
USER = "crowd"

_SHORT = ("/health/ready", "/auth", "/config.json", "/api/models", "/api/auth/me", "/api/conversations")


@dataclass(frozen=True)
class Request:
    """One request of the log."""

    begun: float
    seconds: float
    what: str
    failure: str


@dataclass(frozen=True)
class Met:
    """What the crowd met between two moments; ``outage`` is the longest time in which no request succeeded."""

    requests: int
    failures: tuple[str, ...]
    outage: float
    slowest: float


class Crowd:
    """Use as a context manager, with a token of the user that :func:`enrol` has made."""

    def __init__(self, folder: Path, port: int, token: str, *, authority: Path | None = None) -> None:
        self._log = folder / "crowd.log"
        self._token = token
        self._argv = (sys.executable, "-m", "tests.e2e.crowd", str(port), str(self._log), str(authority or ""))

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._argv, cwd=REPOSITORY, stdin=subprocess.PIPE, text=True)
        assert self._process.stdin
        self._process.stdin.write(self._token)
        self._process.stdin.close()
        deadline = time.monotonic() + 60
        while len({request.what for request in self._requests()}) < len(_SHORT) + 2 and time.monotonic() < deadline:
            assert self._process.poll() is None, "the crowd has gone"
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(GIVEN_UP + 10)

    def met(self, begin: float, end: float) -> Met:
        """Return what it met from one moment of the monotonic clock to another."""
        found = [each for each in self._requests() if begin <= each.begun + each.seconds and each.begun <= end]
        good = sorted(each.begun + each.seconds for each in found if not each.failure)
        moments = [begin, *(moment for moment in good if begin < moment < end), end]
        return Met(
            requests=len(found),
            failures=tuple(f"{each.what}: {each.failure}" for each in found if each.failure),
            outage=max(later - earlier for earlier, later in itertools.pairwise(moments)),
            slowest=max((each.seconds for each in found), default=0.0),
        )

    def _requests(self) -> list[Request]:
        if not self._log.exists():
            return []
        lines = self._log.read_text().splitlines(keepends=True)
        return [Request(*json.loads(line)) for line in lines if line.endswith("\n")]


def enrol(chat: Chat) -> str:
    """Make the account that the crowd shares and return a token of it."""
    return chat.register(USER).token


@dataclass
class _Client:
    number: int
    port: int
    token: str
    tls: ssl.SSLContext | None
    log: TextIO
    done: threading.Event

    def run(self) -> None:
        connection = connect(self.port, GIVEN_UP, self.tls)
        pause = LONG_PAUSE if self.number < UPLOADERS + LOGGING_IN else PAUSE
        self.done.wait(pause * (self.number % 20) / 20)  # people don't click in step
        for turn in itertools.count():
            method, path, body, kind, expected = self._wish(turn)
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
            begun, failure = time.monotonic(), ""
            try:
                connection.request(method, path, body, headers)
                response = connection.getresponse()
                response.read()
                if response.status != expected:
                    failure = f"status {response.status}"
            except (OSError, http.client.HTTPException) as error:
                failure = f"{type(error).__name__}: {error}"
                connection.close()
            line = json.dumps((begun, time.monotonic() - begun, f"{method} {path}", failure))
            self.log.write(f"{line}\n")
            if self.done.wait(pause):
                break
        connection.close()

    def _wish(self, turn: int) -> tuple[str, str, bytes | None, str, int]:
        if self.number < UPLOADERS:
            head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{turn}.txt"\r\n'
            body = f"{head}Content-Type: text/plain\r\n\r\n{'text ' * 4000}\r\n--{BOUNDARY}--\r\n".encode()
            return "POST", "/api/attachments", body, f"multipart/form-data; boundary={BOUNDARY}", http.client.CREATED
        if self.number < UPLOADERS + LOGGING_IN:
            body = json.dumps({"username": USER, "password": PASSWORD}).encode()
            return "POST", "/api/auth/login", body, "application/json", http.client.OK
        return "GET", _SHORT[(self.number + turn) % len(_SHORT)], None, "application/json", http.client.OK


def main(port: int, token: str, log: Path, authority: str) -> None:
    """Be the crowd until told to stop."""
    done = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: done.set())
    tls = ssl.create_default_context(cafile=authority) if authority else None
    with log.open("a", buffering=1) as lines:
        clients = [_Client(number, port, token, tls, lines, done) for number in range(CLIENTS)]
        threads = [threading.Thread(target=client.run, daemon=True) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.stdin.read(), Path(sys.argv[2]), sys.argv[3])
