"""Refuse bodies that are larger than any honest one, before they are read into memory or onto the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmchat_backend.api.problems import problem
from llmchat_backend.chat.attachments import MAX_BYTES
from llmchat_backend.openai.errors import PREFIX

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LARGE = ("/api/attachments", PREFIX)  # files, and programs that send images inside their messages
_MAX_UPLOAD = MAX_BYTES + 64 * 1024  # the file and its multipart wrapping
_MAX_DRAINED = 4 * MAX_BYTES
_MAX_JSON = 4 * 1024 * 1024


class _TooLargeError(Exception):
    pass


class BodyLimit:
    """Count what is received, whatever Content-Length says. Plain ASGI: a stream costs nothing extra."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = _MAX_UPLOAD if scope["path"].startswith(_LARGE) else _MAX_JSON
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            await _refuse(scope, receive, send)
            return
        received = 0
        started = False

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise _TooLargeError
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _TooLargeError:
            if started:
                raise
            await _refuse(scope, receive, send)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 413, after reading on for a while: a client in the middle of sending hears nothing but a broken pipe."""
    drained = 0
    while drained < _MAX_DRAINED:
        message = await receive()
        drained += len(message.get("body", b""))
        if not message.get("more_body", False):
            break
    response = problem(scope["path"], 413, "too_large", "The request is too large.", {"Connection": "close"})
    await response(scope, receive, send)
