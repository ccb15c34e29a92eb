"""Threads that run calls in the order they come, for a loop that awaits the results.

What `run_in_executor` does, at a quarter of its cost: one future instead of two that are chained, and no locks around
it. Every request comes through here several times.
"""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from llmchat_backend.telemetry.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Lane:
    """A queue of calls and the threads that take from it; each thread notes how long its calls waited and took."""

    def __init__(self, name: str, threads: int) -> None:
        self.name = name
        self.waits = tuple(Tally() for _ in range(threads))
        self.runs = tuple(Tally() for _ in range(threads))
        self._calls: SimpleQueue[tuple[asyncio.Future[Any], Callable[[], Any], float] | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, args=noted, name=f"database-{name}-{number}", daemon=True)
            for number, noted in enumerate(zip(self.waits, self.runs, strict=True))
        ]
        self._started = False

    def submit(self, call: Callable[[], T]) -> asyncio.Future[T]:
        """Return a future of the running loop for what a call returns or raises; cancelling it skips a call in line."""
        if not self._started:
            self._started = True
            for thread in self._threads:
                thread.start()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._calls.put((future, call, time.perf_counter()))
        return future

    @property
    def waiting(self) -> int:
        """How many calls are in line."""
        return self._calls.qsize()

    def close(self) -> None:
        """Finish what is in line and end the threads."""
        for _ in self._threads:
            self._calls.put(None)
        if self._started:
            for thread in self._threads:
                thread.join()

    def _work(self, waits: Tally, runs: Tally) -> None:
        while (waiting := self._calls.get()) is not None:
            future, call, asked_at = waiting
            if future.cancelled():
                continue
            result, error = None, None
            began_at = time.perf_counter()
            waits.add(began_at - asked_at)
            try:
                result = call()
            except BaseException as raised:  # noqa: BLE001 - whoever awaits it gets it
                error = raised
            runs.add(time.perf_counter() - began_at)
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
