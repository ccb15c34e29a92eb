"""One search at a time for each user: whoever types fast, or has a program do it, waits for themselves only."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from llmchat_backend.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MAX_WAITING = 8
_TOO_MANY = 429


class Turns:
    """Who searches, and who waits behind it."""

    def __init__(self) -> None:
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def taken(self, user_id: str) -> AsyncIterator[None]:
        """Wait for the user's turn; raise ApiError 429 `too_many_searches`."""
        lock, users = self._locks.get(user_id, (asyncio.Lock(), 0))
        if users > MAX_WAITING:
            raise ApiError(_TOO_MANY, "too_many_searches", "Too many searches at once.", headers={"Retry-After": "1"})
        self._locks[user_id] = lock, users + 1
        try:
            async with lock:
                yield
        finally:
            _, users = self._locks.pop(user_id)
            if users > 1:
                self._locks[user_id] = lock, users - 1
