"""The events of one answer, kept while it is written, for any number of listeners who may come and go."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from llmchat_backend.chat import sse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PING_SECONDS = 15


class Broadcast:
    """An append-only list of encoded events; a slow listener gets what it missed as one chunk and slows nobody."""

    def __init__(self) -> None:
        self._events: list[bytes] = []
        self._closed = False
        self._news = asyncio.Event()

    def publish(self, event: bytes) -> None:
        """Add an event and wake the listeners."""
        self._events.append(event)
        self._wake()

    def close(self) -> None:
        """Let listeners end after the last event."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        """Wake those who wait now; later ones wait for the next event."""
        self._news.set()
        self._news = asyncio.Event()

    def __len__(self) -> int:
        """Return how many events there are so far."""
        return len(self._events)

    async def listen(self, first: bytes = b"", skip: int = 0) -> AsyncIterator[bytes]:
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
            else:
                try:
                    async with asyncio.timeout(PING_SECONDS):
                        await self._news.wait()
                except TimeoutError:
                    yield sse.PING
