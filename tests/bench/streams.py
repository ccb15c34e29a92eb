"""Many answers at once: through the service, and beside it from the model server itself.

    python tests/bench/streams.py [--rounds 3] [--spread | --burst] [--markdown]

A model server of its own stamps each of its 50 tokens with the moment it sends them, one every 20 ms, so that what the
service adds to each can be told. Client, service and model server share the machine. Rounds of both ways alternate.

So many answers at once come about in two ways. *Spread*: so many people, who begin one after another within the length
of an answer and each ask again as soon as they have theirs; the limits are about this. *Burst*: all ask in the same
millisecond, once. What a question costs before its answer begins (who asks, may they, storing it) is then to be paid
for all of them before most can begin, some milliseconds of one core each, so these rows are told and not judged, but
for failures and memory. It exits with 1 where a limit is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
from aiohttp import web

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.service import resident_megabytes
from tests.e2e.chat import Chat
from tests.e2e.scenario import Scenario

TOKENS, PAUSE = 50, 0.02
COUNTS = (1, 50, 200, 500)
RATIO = {1: 0.9, 50: 0.9, 200: 0.9, 500: 0.6}
"""Of the tokens a second that the model server itself gives."""
DELAYED = {200: 0.015}
"""Seconds that 99 of 100 tokens may be late by."""
FIRST = {200: 0.060}
"""Seconds to the first token, at the median."""
MEMORY = {0: 110.0, 500: 200.0}
"""Megabytes of the backend."""
REST = 2.0
"""Seconds for what new conversations leave to be done."""
IN_A_ROW = 4
"""Questions of each client where starts are spread."""


@dataclass
class Stream:
    """One answer as a client met it: when it was asked for, and when each token was sent and came."""

    asked: float = 0.0
    tokens: list[tuple[float, float]] = field(default_factory=list)
    failure: str = ""


@dataclass(frozen=True)
class Figures:
    """What one round was like."""

    rate: float
    first: float
    late: float
    failed: int
    memory: float = 0.0

    @classmethod
    def of(cls, streams: list[Stream], memory: float = 0.0) -> Figures:
        begin = min(stream.asked for stream in streams)
        end = max(came for stream in streams for _, came in stream.tokens)
        late = sorted(came - sent for stream in streams for sent, came in stream.tokens)
        return cls(
            rate=len(late) / (end - begin),
            first=median(stream.tokens[0][1] - stream.asked for stream in streams if stream.tokens),
            late=late[int(len(late) * 0.99)],
            failed=sum(bool(stream.failure) or len(stream.tokens) != TOKENS for stream in streams),
            memory=memory,
        )


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--spread", action="store_const", const=(True,), dest="starts", help="leave the bursts out")
    only.add_argument("--burst", action="store_const", const=(False,), dest="starts", help="leave the others out")
    parser.add_argument("--markdown", action="store_true", help="print table rows for docs/measurements.md")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve()
        return 0
    report = Report(markdown=options.markdown)
    with (
        tempfile.TemporaryDirectory() as folder,
        model_server() as port,
        Scenario(Path(folder), label="streams") as made,
    ):
        url = f"http://127.0.0.1:{port}/v1/chat/completions"
        made.profile().env_file(LLM_API_URL=url, LLM_MODEL="stamped", LLM_API_KEY="").up()
        user = made.chat.register("many")
        time.sleep(5)
        report.memory(0, resident_megabytes(made, "backend"))
        for spread in options.starts or (True, False):
            for count in COUNTS:
                direct, ours = [], []
                for _ in range(options.rounds):
                    direct.append(Figures.of(asyncio.run(all_direct(url, count, spread=spread))))
                    ours.append(asyncio.run(all_ours(made, user, count, spread=spread)))
                report.row(count, direct, ours, spread=spread)
    return 1 if report.missed else 0


async def all_direct(url: str, count: int, *, spread: bool = False) -> list[Stream]:
    """Ask the model server itself."""
    body = {"model": "stamped", "stream": True, "messages": [{"role": "user", "content": "Count"}]}
    async with session({}) as client:
        return await all_of(client, [[url] * (IN_A_ROW if spread else 1)] * count, body)


async def all_of(client: aiohttp.ClientSession, urls: list[list[str]], body: dict[str, Any]) -> list[Stream]:
    """Let a client for each list ask one URL after the other; several in a row begin spread over an answer's length."""

    async def ask(number: int, mine: list[str]) -> list[Stream]:
        if len(mine) > 1:
            await asyncio.sleep(TOKENS * PAUSE * number / len(urls))
        return [await read(client, url, body) for url in mine]

    return list(chain.from_iterable(await asyncio.gather(*(ask(*each) for each in enumerate(urls)))))


async def all_ours(scenario: Scenario, user: Chat, count: int, *, spread: bool = False) -> Figures:
    """Ask the service, each time in a new conversation, and see afterwards that every answer is stored whole."""
    base = f"http://127.0.0.1:{scenario.web_port}/api/conversations"
    async with session({"Authorization": f"Bearer {user.token}"}) as client:
        in_a_row = IN_A_ROW if spread else 1
        ids = [await new_conversation(client, base) for _ in range(count * in_a_row)]
        await asyncio.sleep(REST)
        urls = [f"{base}/{each}/messages" for each in ids]
        each_client = [urls[begin : begin + in_a_row] for begin in range(0, len(urls), in_a_row)]
        streams = asyncio.ensure_future(all_of(client, each_client, {"content": "Count"}))
        await asyncio.sleep(TOKENS * PAUSE * in_a_row / 2)
        memory = await asyncio.to_thread(resident_megabytes, scenario, "backend")
        found = await streams
        for each, stream in zip(ids, found, strict=True):
            stream.failure = stream.failure or await stored_otherwise(client, f"{base}/{each}")
    return Figures.of(found, memory)


def session(headers: dict[str, str]) -> aiohttp.ClientSession:
    """Return a client with as many connections as it needs."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), headers=headers)


async def new_conversation(client: aiohttp.ClientSession, url: str) -> str:
    async with client.post(url, json={}) as response:
        return str((await response.json())["id"])


async def stored_otherwise(client: aiohttp.ClientSession, url: str) -> str:
    """Return what is wrong with a stored answer, or nothing."""
    async with client.get(url) as response:
        answer = (await response.json())["messages"][-1]
    whole = answer["status"] == "complete" and len(answer["content"].split()) == TOKENS
    return "" if whole else f"stored as {answer['status']}"


async def read(client: aiohttp.ClientSession, url: str, body: dict[str, Any]) -> Stream:
    """Read one answer to its end."""
    stream = Stream(asked=time.monotonic())
    try:
        async with client.post(url, json=body) as response:
            async for text in texts(response):
                came = time.monotonic()
                stream.tokens += [(float(stamp), came) for stamp in text.split()]
            if response.status != 200:
                stream.failure = f"status {response.status}"
    except (OSError, aiohttp.ClientError) as error:
        stream.failure = f"{type(error).__name__}: {error}"
    return stream


async def texts(response: aiohttp.ClientResponse) -> AsyncIterator[str]:
    """Yield the text of each token, whoever sends it."""
    async for line in response.content:
        if not line.startswith(b'data: {"') or (b'"text"' not in line and b'"content"' not in line):
            continue
        data = json.loads(line[6:])
        yield data["text"] if "text" in data else data["choices"][0]["delta"]["content"]


@contextmanager
def model_server() -> Iterator[int]:
    """Start the model server in a process of its own and yield its port."""
    argv = (sys.executable, __file__, "--serve")
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def serve() -> None:
    """Stamp tokens until terminated."""

    async def answer(request: web.Request) -> web.StreamResponse:
        await request.read()
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        begun = time.monotonic()
        for number in range(TOKENS):
            await asyncio.sleep(max(0.0, begun + number * PAUSE - time.monotonic()))
            delta = {"content": f"{time.monotonic():.6f} "}
            chunk = {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
            await response.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
        await response.write(b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')
        return response

    async def run() -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
        await site.start()
        sys.stdout.write(f"{runner.addresses[0][1]}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()

    asyncio.run(run())


class Report:
    """Rows of a table, and whether a limit was missed."""

    def __init__(self, *, markdown: bool) -> None:
        self._markdown, self.missed = markdown, False

    def memory(self, count: int, megabytes: float) -> None:
        self.missed |= megabytes > MEMORY[count]
        self._print(str(count), "", "", "", "", "", f"{megabytes:.0f} MB (≤ {MEMORY[count]:.0f})")

    def row(self, count: int, direct: list[Figures], ours: list[Figures], *, spread: bool) -> None:
        rate = median(each.rate for each in ours)
        floor = median(each.rate for each in direct)
        late, first = median(each.late for each in ours), median(each.first for each in ours)
        failed = sum(each.failed for each in ours)
        memory = max(each.memory for each in ours)
        self.missed |= failed > 0 or memory > MEMORY[500]
        if spread:
            self.missed |= rate < floor * RATIO[count]
            self.missed |= late > DELAYED.get(count, late) or first > FIRST.get(count, first)
        self._print(
            f"{count} {'spread' if spread else 'burst'}",
            f"{floor:.0f}",
            f"{rate:.0f}",
            f"{rate / floor:.2f}{f' (≥ {RATIO[count]})' if spread else ''}",
            f"{first * 1000:.0f} ms (direct {median(each.first for each in direct) * 1000:.0f})",
            f"{late * 1000:.0f} ms (direct {median(each.late for each in direct) * 1000:.0f})",
            f"{memory:.0f} MB",
            f"{failed} of {count * len(ours) * (IN_A_ROW if spread else 1)}",
        )

    def _print(self, *cells: str) -> None:
        cells += ("",) * (8 - len(cells))
        widths = (10, 10, 8, 16, 24, 24, 18, 12)
        plain = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
        sys.stdout.write(f"| {' | '.join(cells)} |\n" if self._markdown else f"{plain}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
