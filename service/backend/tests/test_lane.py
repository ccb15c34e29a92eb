"""The threads that the loop hands its calls to."""

from __future__ import annotations

import asyncio
import threading

import pytest
from llmchat_backend.db.lane import Lane


def test_calls_run_in_their_order_and_errors_reach_whoever_awaits_them() -> None:
    lane, ran = Lane("test", 1), []

    def call(number: int) -> int:
        ran.append(number)
        return 10 // number

    async def run() -> list[int | BaseException]:
        return await asyncio.gather(*(lane.submit(lambda n=n: call(n)) for n in (5, 0, 2)), return_exceptions=True)

    two, error, five = asyncio.run(run())
    lane.close()
    assert (two, five, ran) == (2, 5, [5, 0, 2])
    assert isinstance(error, ZeroDivisionError)


def test_a_call_that_nobody_awaits_any_more_is_left_out_and_one_under_way_harms_nobody() -> None:
    lane, go, ran = Lane("test", 1), threading.Event(), []

    async def run() -> None:
        under_way = lane.submit(go.wait)
        in_line = lane.submit(lambda: ran.append("in line"))
        last = lane.submit(lambda: ran.append("last"))
        in_line.cancel()
        await asyncio.sleep(0.05)
        under_way.cancel()
        go.set()
        await last

    asyncio.run(run())
    lane.close()
    assert ran == ["last"]


def test_closing_finishes_what_is_in_line() -> None:
    lane, ran = Lane("test", 1), []

    async def run() -> None:
        for number in range(20):
            lane.submit(lambda n=number: ran.append(n))

    asyncio.run(run())
    lane.close()
    assert ran == list(range(20))


def test_a_lane_that_was_never_used_closes() -> None:
    Lane("test", 3).close()


@pytest.mark.parametrize("threads", [1, 3])
def test_many_calls_are_answered_each_with_its_own_result(threads: int) -> None:
    lane = Lane("test", threads)

    async def run() -> list[int]:
        return await asyncio.gather(*(lane.submit(lambda n=n: n * n) for n in range(500)))

    assert asyncio.run(run()) == [n * n for n in range(500)]
    lane.close()
