"""Threads that run calls in the order they come, for a loop that awaits the results.

What `run_in_executor` does, at a quarter of its cost: one future instead of two that are chained, and no locks around
it. Every request comes through here several times.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Lane:
    """A queue of calls and the threads that take from it."""

    def __init__(self, name: str, threads: int) -> None:
        self._calls: SimpleQueue[tuple[asyncio.Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True) for number in range(threads)
        ]
        self._started = False

    def submit(self, call: Callable[[], T]) -> asyncio.Future[T]:
        """Return a future of the running loop for what a call returns or raises; cancelling it skips a call in line."""
        if not self._started:
            self._started = True
            for thread in self._threads:
                thread.start()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._calls.put((future, call))
        return future

    def close(self) -> None:
        """Finish what is in line and end the threads."""
        for _ in self._threads:
            self._calls.put(None)
        if self._started:
            for thread in self._threads:
                thread.join()

    def _work(self) -> None:
        while (waiting := self._calls.get()) is not None:
            future, call = waiting
            if future.cancelled():
                continue
            result, error = None, None
            try:
                result = call()
            except BaseException as raised:  # noqa: BLE001 - whoever awaits it gets it
                error = raised
            with suppress(RuntimeError):  # the loop has ended, and with it everybody who would have asked
                future.get_loop().call_soon_threadsafe(_settle, future, result, error)
            del waiting, future, call, result, error  # nothing is kept alive while there is nothing to do


def _settle(future: asyncio.Future[T], result: T, error: BaseException | None) -> None:
    if future.done():  # cancelled meanwhile
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
