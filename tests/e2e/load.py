"""Clients that never pause: every request they make is counted, and so is every one that fails."""

from __future__ import annotations

import http.client
import ssl
import threading
from dataclasses import dataclass, field
from typing import Self

from tests.e2e.chat import Answer, Chat, connect


@dataclass
class KeepAliveClients:
    """`count` clients, each with one connection that it keeps; a connection that is cut is a failure."""

    port: int
    path: str
    count: int = 8
    requests: int = 0
    failures: list[str] = field(default_factory=list)
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(self.count)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join(timeout=60)

    def _run(self) -> None:
        connection = connect(self.port, 30, self.tls)
        # A hundred requests a second from each: more than a browser, and the machine has other work.
        while not self._done.wait(0.01):
            failure = ""
            try:
                connection.request("GET", self.path)
                response = connection.getresponse()
                response.read()
                if response.status != http.client.OK:
                    failure = f"status {response.status}"
            except (OSError, http.client.HTTPException) as error:
                failure = f"{type(error).__name__}: {error}"
                connection.close()
            with self._lock:
                self.requests += 1
                if failure:
                    self.failures.append(failure)
        connection.close()


class OpenStreams:
    """Answers that are being streamed, each read by a thread of its own."""

    def __init__(self, chat: Chat, count: int, *, model: str = "") -> None:
        self._model = model
        self.answers: list[Answer] = []
        self.errors: list[str] = []
        self._chat = chat
        self._started = threading.Semaphore(0)
        self._threads = [threading.Thread(target=self._read, daemon=True) for _ in range(count)]

    def start(self) -> Self:
        """Return when each stream has given its first piece."""
        for thread in self._threads:
            thread.start()
        for _ in self._threads:
            assert self._started.acquire(timeout=60), self.errors
        return self

    def finish(self) -> None:
        """Wait until every stream has ended."""
        for thread in self._threads:
            thread.join(timeout=180)

    def _read(self) -> None:
        events = []
        told = False
        try:
            for event in self._chat.stream("Count", model=self._model):
                events.append(event)
                if event.name == "token" and not told:
                    told = True
                    self._started.release()
        except (OSError, http.client.HTTPException, AssertionError) as error:
            self.errors.append(f"{type(error).__name__}: {error}")
        if events:
            self.answers.append(Answer(tuple(events)))
