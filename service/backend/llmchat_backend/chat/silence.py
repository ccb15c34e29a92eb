"""Notice silence without a timer for each word that ends it: words come by the thousand each second."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Silence:
    """Calls back after so many seconds in which nothing was heard, and again after as many more, until it is ended."""

    def __init__(self, seconds: float, notice: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._seconds = seconds
        self._notice = notice
        self._since = self._loop.time()
        self._timer = self._loop.call_at(self._since + seconds, self._look)

    def broken(self) -> None:
        """Begin anew: something was heard."""
        self._since = self._loop.time()

    def end(self) -> None:
        """Call back no more."""
        self._timer.cancel()

    def _look(self) -> None:
        now = self._loop.time()
        lasted = now >= self._since + self._seconds
        if lasted:
            self._since = now
        self._timer = self._loop.call_at(self._since + self._seconds, self._look)
        if lasted:
            self._notice()
