"""A model server of the test's own: speaks the OpenAI protocol over real TCP, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self

WORDS = ("Paris ", "is ", "the ", "capital ", "of ", "France.")
TITLE_WANTED = "Give the conversation below a title"
"""How the backend's own question after a first answer begins."""
PATH = "/v1/chat/completions"
LIST_PATH = "/v1/models"


@dataclass(frozen=True)
class Asked:
    """One request: the key it came with, the model it wanted, the words and the images (data URLs) of the question."""

    authorization: str
    model: str
    question: str
    images: tuple[str, ...] = ()


@dataclass
class ModelServer:
    """Serve on a free loopback port until closed; `keys` and `models`, where given, are the only ones accepted."""

    words: tuple[str, ...] = WORDS
    title: str = ""
    """What a conversation is called when the backend asks; without it the words are said."""
    delay: float = 0.01
    """Seconds after each word; another one holds for running answers, too."""
    keys: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
    failing: bool = False
    """Whether it answers with an error of its own."""
    cut_off: bool = False
    """Whether it hangs up before it says that an answer is complete."""
    asked: list[Asked] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)
    """Once it is set, answers end at their next word."""

    def __post_init__(self) -> None:
        class Handler(_Handler):
            server_of_test = self

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{PATH}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Handler(BaseHTTPRequestHandler):
    server_of_test: ClassVar[ModelServer]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server = self.server_of_test
        if self.path != LIST_PATH:
            self._refuse(404, "Not Found")
        elif server.keys and self.headers.get("Authorization", "").removeprefix("Bearer ") not in server.keys:
            self._refuse(401, "Incorrect API key provided")
        else:
            self._say(200, {"object": "list", "data": [{"id": model} for model in server.models]})

    def do_POST(self) -> None:
        server = self.server_of_test
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        authorization = self.headers.get("Authorization", "")
        question, images = _read(request["messages"][-1]["content"])
        if not question.startswith(TITLE_WANTED):
            server.asked.append(Asked(authorization, request["model"], question, images))
        if self.path != PATH:
            self._refuse(404, "Not Found")
        elif server.keys and authorization.removeprefix("Bearer ") not in server.keys:
            self._refuse(401, "Incorrect API key provided")
        elif server.models and request["model"] not in server.models:
            self._refuse(404, f"The model `{request['model']}` does not exist", code="model_not_found")
        elif server.failing:
            self._refuse(500, "out of memory")
        else:
            titled = server.title and question.startswith(TITLE_WANTED)
            self._answer((server.title,) if titled else server.words)

    def _answer(self, words: tuple[str, ...]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            for word in words:
                if self.server_of_test.enough.is_set():
                    break
                self._send({"choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}]})
                time.sleep(self.server_of_test.delay)
            if not self.server_of_test.cut_off:
                self._send({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
                self.wfile.write(b"data: [DONE]\n\n")
        except (BrokenPipeError, ConnectionResetError):
            pass  # who asked has gone: the probe leaves after the first word
        self.close_connection = True

    def _send(self, chunk: dict[str, Any]) -> None:
        self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
        self.wfile.flush()

    def _refuse(self, status: int, message: str, code: str = "") -> None:
        self._say(status, {"error": {"message": message, "code": code}})

    def _say(self, status: int, said: object) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _read(content: str | list[dict[str, Any]]) -> tuple[str, tuple[str, ...]]:
    """Return the words and the images of a message, which has parts once there are images."""
    if isinstance(content, str):
        return content, ()
    words = "\n".join(part["text"] for part in content if part["type"] == "text")
    return words, tuple(part["image_url"]["url"] for part in content if part["type"] == "image_url")
