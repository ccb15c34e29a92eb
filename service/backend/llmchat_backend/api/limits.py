"""Refuse bodies that are larger than any honest one, before they are read into memory or onto the disk.

Whoever shows no token of this service is a stranger, who may send as much as logging in takes: a body is parsed before
anybody looks for the session of a token. Below /v1 the key is looked at first, so that there is no need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request

from llmchat_backend.api.dependencies import find_credentials
from llmchat_backend.chat.attachments import MAX_BYTES
from llmchat_backend.openai.errors import PREFIX

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from llmchat_backend.services import Services

_LARGE = ("/api/attachments", PREFIX)  # files, and programs that send images inside their messages
_OF_STRANGERS = ("/api/auth/login", "/api/auth/register")
_MAX_UPLOAD = MAX_BYTES + 64 * 1024  # the file and its multipart wrapping
_MAX_DRAINED = 4 * MAX_BYTES
_MAX_JSON = 4 * 1024 * 1024
_MAX_OF_STRANGERS = 32 * 1024  # a name, a password and a code, every character of them escaped


class BodyLimit:
    """Count what is received, whatever Content-Length says. Plain ASGI: a stream costs nothing extra."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 413, or 401 to a stranger."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = dict(scope["headers"]).get(b"content-length", b"0")
        declared = int(length) if length.isdigit() else 0
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            size = max(received, declared)
            if size > _MAX_OF_STRANGERS and size > (limit := _limit(scope, size)):
                if message.get("more_body", False):
                    await _drain(receive)
                raise _refusal(scope, limit)  # of a kind that whoever reads a body lets pass
            return message

        await self._app(scope, counted, send)


def _limit(scope: Scope, size: int) -> int:
    """Return how much a request may send that is known to send as much as `size`: few are so large that it matters."""
    path = scope["path"]
    if size > _MAX_OF_STRANGERS and not path.startswith(PREFIX) and not _has_token(scope):
        return _MAX_OF_STRANGERS
    return _MAX_UPLOAD if path.startswith(_LARGE) else _MAX_JSON


def _has_token(scope: Scope) -> bool:
    """Tell whether a token of ours comes along: a look at its signature, and none into the database."""
    services: Services = scope["app"].state.services
    credentials = find_credentials(Request(scope))
    return credentials is not None and services.signer.read(credentials.token) is not None


async def _drain(receive: Receive) -> None:
    """Read on for a while: a client in the middle of sending hears nothing but a broken pipe."""
    drained, more = 0, True
    while more and drained < _MAX_DRAINED:
        message = await receive()
        drained += len(message.get("body", b""))
        more = message.get("more_body", False)


def _refusal(scope: Scope, limit: int) -> HTTPException:
    headers = {"Connection": "close"}
    if limit == _MAX_OF_STRANGERS and not scope["path"].startswith(_OF_STRANGERS):
        return HTTPException(401, "Please log in.", {"WWW-Authenticate": "Bearer", **headers})
    return HTTPException(413, "The request is too large.", headers)
