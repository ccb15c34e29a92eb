"""One line for each request but the probes: what, and how it went. No query, no body. Each is counted, probes too."""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import TYPE_CHECKING

from llmchat_backend.log import request_id

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from llmchat_backend.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)

_QUIET = "/health/"
_HEADER = b"x-request-id"
_SOUND = re.compile(r"[0-9a-fA-F-]{8,64}")


class AccessLog:
    """Log a request when it has ended. Plain ASGI: `BaseHTTPMiddleware` would make each token two thirds dearer."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note its status."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        status = 500
        identity = _identity(scope) or secrets.token_hex(16)
        request_id.set(identity)

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (_HEADER, identity.encode())]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            seconds = time.monotonic() - began
            self._metrics.request_ended(getattr(scope.get("route"), "path", None), scope["method"], status, seconds)
            if not scope["path"].startswith(_QUIET):
                logger.info(
                    "request",
                    extra={
                        "method": scope["method"],
                        "path": scope["path"],
                        "status": status,
                        "ms": round(seconds * 1000, 1),
                    },
                )


def _identity(scope: Scope) -> str | None:
    """Return the id that the edge has given to a request, under which it stands in the edge's log, too."""
    found = next((value for name, value in scope["headers"] if name == _HEADER), b"").decode("latin-1")
    return found if _SOUND.fullmatch(found) else None
