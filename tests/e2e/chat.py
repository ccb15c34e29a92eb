"""The service's API as a browser or a script uses it, through a published port."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from time import monotonic
from types import MappingProxyType
from typing import Any, Self

PASSWORD = "correct horse battery"
BOUNDARY = "0d5c6e1f-a-line-of-no-file"


def connect(port: int, timeout: float, tls: ssl.SSLContext | None) -> http.client.HTTPConnection:
    """Return a connection to this machine's ``port``, with TLS where there is a context for it."""
    if tls:
        return http.client.HTTPSConnection("127.0.0.1", port, timeout=timeout, context=tls)
    return http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)


@dataclass(frozen=True)
class Event:
    """One event of a streamed answer, and when it came."""

    name: str
    data: dict[str, Any]
    at: float


@dataclass(frozen=True)
class Answer:
    """A whole streamed answer."""

    events: tuple[Event, ...]

    @property
    def text(self) -> str:
        return "".join(event.data["text"] for event in self.events if event.name == "token")

    @property
    def pieces(self) -> int:
        return sum(event.name == "token" for event in self.events)

    @property
    def status(self) -> str:
        last = self.events[-1]
        return str(last.data["status"]) if last.name == "done" else "cut off"

    @property
    def error(self) -> dict[str, Any]:
        return next(event.data for event in self.events if event.name == "error")


@dataclass(frozen=True)
class Chat:
    """A client; without a token it is nobody."""

    port: int
    token: str = ""
    timeout: float = 60
    headers: dict[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    """With it, requests are made by https."""

    def register(self, username: str, password: str = PASSWORD) -> Self:
        """Make an account and return a client that is logged in to it."""
        self.call("POST", "/api/auth/register", {"username": username, "password": password}, expect=201)
        return self.log_in(username, password)

    def log_in(self, username: str, password: str = PASSWORD) -> Self:
        answer = self.call("POST", "/api/auth/login", {"username": username, "password": password})
        return replace(self, token=answer["access_token"])

    def conversations(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", "/api/conversations")["items"]
        return found

    def conversation(self, conversation: str) -> dict[str, Any]:
        found: dict[str, Any] = self.call("GET", f"/api/conversations/{conversation}")
        return found

    def models(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", "/api/models")["models"]
        return found

    def ask(self, question: str, *, conversation: str = "", model: str = "", files: tuple[str, ...] = ()) -> Answer:
        """Ask and read the whole answer."""
        return Answer(tuple(self.stream(question, conversation=conversation, model=model, files=files)))

    def stream(
        self, question: str, *, conversation: str = "", model: str = "", files: tuple[str, ...] = ()
    ) -> Iterator[Event]:
        """Ask and yield each event as it comes; a connection that is cut raises."""
        target = conversation or self.call("POST", "/api/conversations", {}, expect=201)["id"]
        body = {"content": question, "attachment_ids": files, **({"model_id": model} if model else {})}
        connection = self._connection()
        try:
            connection.request("POST", f"/api/conversations/{target}/messages", json.dumps(body), self._headers())
            response = connection.getresponse()
            assert response.status == http.client.OK, response.read().decode()
            name = ""
            for raw in response:
                line = raw.decode().rstrip("\n")
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    yield Event(name, json.loads(line.removeprefix("data: ")), monotonic())
        finally:
            connection.close()

    def call(self, method: str, path: str, body: Any = None, *, expect: int = 200) -> Any:
        """Send one request and return its JSON; any other status than `expect` fails the test."""
        connection = self._connection()
        try:
            connection.request(method, path, None if body is None else json.dumps(body), self._headers())
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        assert response.status == expect, f"{method} {path}: {response.status} {text[:500]}"
        return json.loads(text) if text.startswith(("{", "[")) else text

    def upload(self, name: str, content: bytes) -> str:
        """Upload a file and return its id."""
        disposition = f'Content-Disposition: form-data; name="file"; filename="{name}"'
        head = f"--{BOUNDARY}\r\n{disposition}\r\nContent-Type: text/plain\r\n\r\n"
        body = head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
        status, answer = self.send(
            "POST", "/api/attachments", body, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        )
        assert status == http.client.CREATED, answer
        return str(json.loads(answer)["id"])

    def download(self, file: str) -> bytes:
        """Return the content of an uploaded file."""
        status, content = self.send("GET", f"/api/attachments/{file}")
        assert status == http.client.OK, content
        return content

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = MappingProxyType({})
    ) -> tuple[int, bytes]:
        """Send one request as it is and return status and content of the answer."""
        connection = self._connection()
        try:
            connection.request(method, path, body, {**self._headers(), **headers})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def status(self, path: str) -> int:
        """Return the status of a GET; 0 where nothing answers."""
        connection = self._connection()
        try:
            connection.request("GET", path, headers=self._headers())
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        return connect(self.port, self.timeout, self.tls)

    def _headers(self) -> dict[str, str]:
        token = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {"Content-Type": "application/json", **token, **self.headers}
