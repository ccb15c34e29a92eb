"""Answer pages that were opened at another address than the API's (CORS), as far as the edge allows them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware

from llmchat_backend.api.outside import allowed_origins

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from llmchat_backend.settings import Settings


class OtherOrigins:
    """Starlette's CORS for the origins that come with a request; without any, nothing is added."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        # There are as many as the edge had configurations that still answer.
        self._allowing = lru_cache(maxsize=8)(self._made)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with the headers that let an allowed page read the answer."""
        origins = allowed_origins(Headers(scope=scope), self._settings) if scope["type"] == "http" else ()
        app = self._allowing(origins) if origins else self._app
        await app(scope, receive, send)

    def _made(self, origins: tuple[str, ...]) -> ASGIApp:
        return CORSMiddleware(
            self._app,
            allow_origins=origins,
            allow_credentials=True,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=["Retry-After", "X-Request-Id"],
        )
