"""A small HTTP client over a Unix socket: what the edge is in production."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

HOST = "chat.test"
PASSWORD = "correct horse battery"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__(HOST, timeout=20)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(20)
        try:
            self.sock.connect(self.path)
        except OSError:
            self.sock.close()
            raise


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Event:
    name: str
    data: dict[str, Any]
    id: str = ""


@dataclass
class Client:
    socket_path: str
    headers: dict[str, str] = field(default_factory=dict)

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        response, connection = self.open(method, path, body, **headers)
        try:
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def open(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[http.client.HTTPResponse, UnixConnection]:
        connection = UnixConnection(self.socket_path)
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, body, sent)
            return connection.getresponse(), connection
        except OSError:
            connection.close()
            raise

    def leave_after(self, seconds: float, path: str, body: Any) -> None:
        """Post, wait for an answer no longer than this, and hang up; raises TimeoutError when none came."""
        connection = UnixConnection(self.socket_path)
        try:
            connection.request(
                "POST", path, json.dumps(body).encode(), {**self.headers, "Content-Type": "application/json"}
            )
            connection.sock.settimeout(seconds)
            connection.getresponse()
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.request("GET", path, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.request("PUT", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Answer:
        return self.request("DELETE", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.request("POST", path, body, **headers)

    def log_in(self, username: str, password: str = PASSWORD) -> Client:
        token = self.post("/api/auth/login", {"username": username, "password": password}).json["access_token"]
        return Client(self.socket_path, {"Authorization": f"Bearer {token}"})

    @property
    def user_id(self) -> str:
        return str(self.get("/api/auth/me").json["id"])

    def new_conversation(self) -> str:
        return self.post("/api/conversations").json["id"]

    def ask(self, conversation_id: str, content: str = "Hi", **more: Any) -> list[Event]:
        with self.stream(conversation_id, content, **more) as stream:
            return list(stream.events())

    def stream(self, conversation_id: str, content: str = "Hi", **more: Any) -> Stream:
        return self.stream_of(f"/api/conversations/{conversation_id}/messages", {"content": content, **more})

    def stream_of(self, path: str, body: Any) -> Stream:
        return Stream(*self.open("POST", path, body))

    def resume(self, message_id: str, after: str | None = None) -> Stream:
        query = "" if after is None else f"?after={after}"
        return Stream(*self.open("GET", f"/api/messages/{message_id}/stream{query}"))

    def upload(self, filename: str, content: bytes, media_type: str) -> Answer:
        boundary = "a-line-that-is-nowhere-else"
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
            f"Content-Type: {media_type}\r\n\r\n"
        )
        body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        return self.post("/api/attachments", body, Content_Type=f"multipart/form-data; boundary={boundary}")


@dataclass
class Stream:
    response: http.client.HTTPResponse
    connection: UnixConnection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.response.close()
        self.connection.close()

    def events(self) -> Iterator[Event]:
        name = event_id = ""
        for line in self.response:
            if line.startswith(b"id: "):
                event_id = line[4:].decode().strip()
            elif line.startswith(b"event: "):
                name = line[7:].decode().strip()
            elif line.startswith(b"data: "):
                yield Event(name, json.loads(line[6:]), event_id)


def names(events: list[Event]) -> list[str]:
    return [event.name for event in events]


def text_of(events: list[Event], name: str = "token") -> str:
    return "".join(event.data["text"] for event in events if event.name == name)
