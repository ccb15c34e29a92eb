"""The events of one answer, kept while it is written, for any number of listeners who may come and go."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from llmchat_backend.chat import sse
from llmchat_backend.chat.silence import Silence

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

PING_SECONDS = 15


class Broadcast:
    """An append-only list of encoded events; a slow listener gets what it missed as one chunk and slows nobody."""

    def __init__(self) -> None:
        self._events: list[bytes] = []
        self._closed = False
        self._listeners: list[_Listener] = []

    def publish(self, event: bytes) -> None:
        """Add an event and wake the listeners; they run later, and get what is published until then in one piece."""
        self._events.append(event)
        for listener in self._listeners:
            listener.wake(news=True)

    def close(self) -> None:
        """Let listeners end after the last event."""
        self._closed = True
        for listener in self._listeners:
            listener.wake(news=True)

    def __len__(self) -> int:
        """Return how many events there are so far."""
        return len(self._events)

    async def listen(self, first: bytes = b"", skip: int = 0) -> AsyncGenerator[bytes]:
        """Yield a ping, `first` and all but `skip` events at once, then what comes, and pings in a silence."""
        sent = len(self._events)
        yield b"".join((sse.PING, first, *self._events[skip:]))
        listener = _Listener()
        self._listeners.append(listener)
        try:
            while True:
                if sent < len(self._events):
                    chunk = b"".join(self._events[sent:])
                    sent = len(self._events)
                    yield chunk
                elif self._closed:
                    return
                elif not await listener.news():
                    yield sse.PING
        finally:
            self._listeners.remove(listener)
            listener.leave()


class _Listener:
    """Somebody who waits for what comes next."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._silence = Silence(PING_SECONDS, self._notice_silence)
        self._waiting: asyncio.Future[bool] | None = None

    async def news(self) -> bool:
        """Wait for an event or the end; return False after a while without."""
        self._waiting = self._loop.create_future()
        return await self._waiting

    def wake(self, *, news: bool) -> None:
        if news:
            self._silence.broken()
        if self._waiting is not None and not self._waiting.done():  # else it is busy, or has left
            self._waiting.set_result(news)

    def leave(self) -> None:
        self._silence.end()

    def _notice_silence(self) -> None:
        self.wake(news=False)
