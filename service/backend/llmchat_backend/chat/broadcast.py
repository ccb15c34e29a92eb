"""The events of one answer, kept while it is written, for any number of listeners who may come and go."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from llmchat_backend.chat import sse

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

PING_SECONDS = 15


class Broadcast:
    """An append-only list of encoded events; a slow listener gets what it missed as one chunk and slows nobody."""

    def __init__(self) -> None:
        self._events: list[bytes] = []
        self._closed = False
        self._waiting: list[asyncio.Future[bool]] = []

    def publish(self, event: bytes) -> None:
        """Add an event and wake the listeners."""
        self._events.append(event)
        self._wake()

    def close(self) -> None:
        """Let listeners end after the last event."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        """Wake those who wait now; they run later, so what is published until then reaches them in one piece."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            for listener in waiting:
                _tell(listener, news=True)

    def __len__(self) -> int:
        """Return how many events there are so far."""
        return len(self._events)

    async def listen(self, first: bytes = b"", skip: int = 0) -> AsyncGenerator[bytes]:
        """Yield a ping and `first` at once, then all events but the first `skip`; a ping whenever it was silent."""
        yield sse.PING + first
        sent = skip
        while True:
            if sent < len(self._events):
                chunk = b"".join(self._events[sent:])
                sent = len(self._events)
                yield chunk
            elif self._closed:
                return
            elif not await self._news():
                yield sse.PING

    async def _news(self) -> bool:
        """Wait for an event or the end; return False after a while without. Cheaper than a time-out of asyncio's."""
        loop = asyncio.get_running_loop()
        listener: asyncio.Future[bool] = loop.create_future()
        self._waiting.append(listener)
        silence = loop.call_later(PING_SECONDS, partial(_tell, listener, news=False))
        try:
            return await listener
        finally:
            silence.cancel()


def _tell(listener: asyncio.Future[bool], *, news: bool) -> None:
    if not listener.done():  # it may have left
        listener.set_result(news)
