"""A model server that speaks the OpenAI protocol and misbehaves on demand: the peer in these tests, real over TCP."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from llmchat_backend.chat.titles import INSTRUCTION

DONE = b"data: [DONE]\n\n"


def chunk(delta: dict[str, Any] | None = None, **extra: Any) -> bytes:
    finish = extra.pop("finish_reason", None)
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    return b"data: " + json.dumps({"choices": choices, **extra}).encode() + b"\n\n"


HELLO = (
    chunk({"role": "assistant", "content": ""}),
    chunk({"content": "Hello"}),
    chunk({"content": ", 世界"}),
    chunk({}, finish_reason="stop"),
    chunk(None, usage={"prompt_tokens": 5, "completion_tokens": 2}),
    DONE,
)


@dataclass
class Behaviour:
    """What the server does with the next requests."""

    chunks: tuple[bytes, ...] = HELLO
    delay: float = 0.0  # seconds between chunks
    silence: float = 0.0  # seconds before the headers
    hang_after: bool = False  # stay silent after the chunks instead of ending
    cut_after: bool = False  # break the connection after the chunks
    status: int = 200
    body: bytes = b""
    content_type: str = "text/event-stream"
    location: str = ""  # where a redirect sends who asks
    refuses_stream_options: bool = False
    title: tuple[bytes, ...] = ()  # chunks for whoever asks for a title
    title_delay: float = 0.0


@dataclass
class ModelServer:
    behaviour: Behaviour = field(default_factory=Behaviour)
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    port: int = 0
    cancelled: threading.Event = field(default_factory=threading.Event)  # who asked has closed the connection
    cancelled_at: float = 0.0
    lists: int = 0  # how often somebody has asked for the models
    list_status: int = 200
    list_silence: float = 0.0  # seconds

    ending: asyncio.Event = field(default_factory=asyncio.Event)
    loop: asyncio.AbstractEventLoop | None = None
    thread: threading.Thread | None = None

    def stop(self) -> None:
        """Listen no more; `start` with this server brings it back at the same port."""
        assert self.loop is not None
        assert self.thread is not None
        if self.thread.is_alive():
            self.loop.call_soon_threadsafe(self.ending.set)
            self.thread.join(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1/chat/completions"

    def reset(self) -> None:
        self.behaviour = Behaviour()
        self.requests.clear()
        self.keys.clear()
        self.cancelled.clear()
        self.lists, self.list_status, self.list_silence = 0, 200, 0.0

    async def complete(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        self.requests.append(asked)
        self.keys.append(request.headers.get("Authorization"))
        try:
            return await self.answer(request, asked)
        except (asyncio.CancelledError, ConnectionResetError):
            self.cancelled_at = time.monotonic()
            self.cancelled.set()
            raise

    async def list_models(self, _request: web.Request) -> web.Response:
        self.lists += 1
        await asyncio.sleep(self.list_silence)
        return web.json_response({"object": "list", "data": [{"id": "test-model"}]}, status=self.list_status)

    async def answer(self, request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
        does = self.behaviour
        if does.title and INSTRUCTION in str(asked["messages"][-1]["content"]):
            does = Behaviour(chunks=does.title, delay=does.title_delay)
        if does.silence:
            await asyncio.sleep(does.silence)
        if does.refuses_stream_options and "stream_options" in asked:
            return web.json_response({"error": {"message": "Unknown field: stream_options"}}, status=400)
        if does.body or does.status != 200:
            headers = {"Location": does.location} if does.location else {}
            return web.Response(status=does.status, body=does.body, content_type=does.content_type, headers=headers)
        response = web.StreamResponse(headers={"Content-Type": does.content_type})
        await response.prepare(request)
        await self.send(response, does)
        if does.cut_after and request.transport:
            request.transport.abort()
        return response

    @staticmethod
    async def send(response: web.StreamResponse, does: Behaviour) -> None:
        for piece in does.chunks:
            await response.write(piece)
            if does.delay:
                await asyncio.sleep(does.delay)
        if does.hang_after:
            await asyncio.Event().wait()


def start(server: ModelServer | None = None) -> ModelServer:
    """Serve in a thread of its own until stopped, on a free loopback port or the one that the server had before."""
    server = server or ModelServer()
    ready = threading.Event()

    async def run() -> None:
        server.ending = asyncio.Event()
        server.loop = asyncio.get_running_loop()
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", server.complete)
        app.router.add_get("/v1/models", server.list_models)
        runner = web.AppRunner(app, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", server.port, reuse_address=True)
        await site.start()
        server.port = runner.addresses[0][1]
        ready.set()
        await server.ending.wait()
        await runner.cleanup()

    server.thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    server.thread.start()
    assert ready.wait(10)
    return server
