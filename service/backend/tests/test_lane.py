"""The threads that the loop hands its calls to."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from llmchat_backend.db.lane import MANY, MAX_TOGETHER, Lane, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def each(calls: Sequence[Callable[[None], object]]) -> Sequence[Outcome]:
    return [Outcome.of(call, None) for call in calls]


def test_calls_run_in_their_order_and_errors_reach_whoever_awaits_them() -> None:
    lane, ran = Lane("test", 1, each), []

    def call(number: int) -> int:
        ran.append(number)
        return 10 // number

    async def run() -> list[int | BaseException]:
        return await asyncio.gather(*(lane.submit(lambda _, n=n: call(n)) for n in (5, 0, 2)), return_exceptions=True)

    two, error, five = asyncio.run(run())
    lane.close()
    assert (two, five, ran) == (2, 5, [5, 0, 2])
    assert isinstance(error, ZeroDivisionError)


def test_a_call_that_nobody_awaits_any_more_is_left_out_and_one_under_way_harms_nobody() -> None:
    lane, go, ran = Lane("test", 1, each), threading.Event(), []

    async def run() -> None:
        under_way = lane.submit(lambda _: go.wait())
        in_line = lane.submit(lambda _: ran.append("in line"))
        last = lane.submit(lambda _: ran.append("last"))
        in_line.cancel()
        await asyncio.sleep(0.05)
        under_way.cancel()
        go.set()
        await last

    asyncio.run(run())
    lane.close()
    assert ran == ["last"]


def test_closing_finishes_what_is_in_line() -> None:
    lane, ran = Lane("test", 1, each), []

    async def run() -> None:
        for number in range(20):
            lane.submit(lambda _, n=number: ran.append(n))

    asyncio.run(run())
    lane.close()
    assert ran == list(range(20))


def test_a_lane_that_was_never_used_closes() -> None:
    Lane("test", 3, each).close()


@pytest.mark.parametrize("threads", [1, 3])
def test_many_calls_are_answered_each_with_its_own_result(threads: int) -> None:
    lane = Lane("test", threads, each)

    async def run() -> list[int]:
        return await asyncio.gather(*(lane.submit(lambda _, n=n: n * n) for n in range(500)))

    assert asyncio.run(run()) == [n * n for n in range(500)]
    lane.close()


def test_calls_that_gather_meanwhile_are_taken_together_but_not_without_end() -> None:
    taken: list[int] = []
    go = threading.Event()

    def count(calls: Sequence[Callable[[None], object]]) -> Sequence[Outcome]:
        taken.append(len(calls))
        return each(calls)

    async def run() -> None:
        lane = Lane("test", 1, count)
        first = lane.submit(lambda _: go.wait())
        await asyncio.sleep(0.05)
        others = [lane.submit(lambda _: None) for _ in range(MAX_TOGETHER + 3)]
        go.set()
        await asyncio.gather(first, *others)
        lane.close()

    asyncio.run(run())
    assert taken == [1, MAX_TOGETHER, 3]


def test_a_slow_call_holds_up_nobody_whom_another_thread_can_serve() -> None:
    lane, go = Lane("test", 3, each), threading.Event()

    async def run() -> None:
        slow = lane.submit(lambda _: go.wait(30))
        others = [lane.submit(lambda _: None) for _ in range(2)]
        async with asyncio.timeout(10):
            await asyncio.gather(*others)
        assert not slow.done()
        go.set()
        await slow

    asyncio.run(run())
    lane.close()


def test_calls_gather_only_where_many_come() -> None:
    together: list[int] = []

    def note(calls: Sequence[Callable[[None], object]]) -> Sequence[Outcome]:
        together.append(len(calls))
        return each(calls)

    async def run(lane: Lane[None], *, many: int) -> None:
        for _ in range(many):
            await lane.submit(lambda _: None)
        await asyncio.gather(lane.submit(lambda _: None), _soon(lane))

    async def _soon(lane: Lane[None]) -> None:
        await asyncio.sleep(0.02)
        await lane.submit(lambda _: None)

    patient = Lane("test", 1, note, gather=60)
    asyncio.run(asyncio.wait_for(run(patient, many=MANY - 3), 10))
    patient.close()
    assert set(together) == {1}

    together.clear()
    lane = Lane("test", 1, note, gather=0.5)
    asyncio.run(run(lane, many=MANY))
    lane.close()
    assert together == [*[1] * MANY, 2]
