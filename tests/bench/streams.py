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
import math
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
import uvloop

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.service import resident_megabytes
from tests.bench.streams_load import PAUSE, TOKENS, Client, Stream, model_server
from tests.e2e import facts
from tests.e2e.chat import Chat
from tests.e2e.scenario import Scenario

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
EDGE_PORT = 3000
CONNECTIONS = 20
"""Of the one who prepares and looks afterwards."""


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
        end = max((came for stream in streams for _, came in stream.tokens), default=math.inf)
        late = sorted(came - sent for stream in streams for sent, came in stream.tokens) or [math.inf]
        first = [stream.tokens[0][1] - stream.asked for stream in streams if stream.tokens] or [math.inf]
        return cls(
            rate=len(late) / (end - begin),
            first=median(first),
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
    options = parser.parse_args()
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
                    direct.append(Figures.of(uvloop.run(all_direct(url, count, spread=spread))))
                    ours.append(uvloop.run(all_ours(made, user, count, spread=spread)))
                report.row(count, direct, ours, spread=spread)
    return 1 if report.missed else 0


async def all_direct(url: str, count: int, *, spread: bool = False) -> list[Stream]:
    """Ask the model server itself."""
    body = {"model": "stamped", "stream": True, "messages": [{"role": "user", "content": "Count"}]}
    return await all_of({}, [[url] * (IN_A_ROW if spread else 1)] * count, body)


async def all_of(headers: dict[str, str], urls: list[list[str]], body: dict[str, Any]) -> list[Stream]:
    """Let a client for each list ask one URL after the other; several in a row begin spread over an answer's length."""
    clients = [await Client.connect(mine[0]) for mine in urls]

    async def ask(number: int, client: Client, mine: list[str]) -> list[Stream]:
        if len(mine) > 1:
            await asyncio.sleep(TOKENS * PAUSE * number / len(urls))
        return [await client.ask(url, headers, body) for url in mine]

    try:
        asking = (ask(number, *each) for number, each in enumerate(zip(clients, urls, strict=True)))
        return list(chain.from_iterable(await asyncio.gather(*asking)))
    finally:
        for client in clients:
            client.close()


async def all_ours(scenario: Scenario, user: Chat, count: int, *, spread: bool = False) -> Figures:
    """Ask the service, each time in a new conversation, and see afterwards that every answer is stored whole."""
    base = f"http://{edge_address(scenario)}/api/conversations"
    headers = {"Authorization": f"Bearer {user.token}"}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS), headers=headers) as client:
        in_a_row = IN_A_ROW if spread else 1
        ids = [await new_conversation(client, base) for _ in range(count * in_a_row)]
        await asyncio.sleep(REST)
        urls = [f"{base}/{each}/messages" for each in ids]
        each_client = [urls[begin : begin + in_a_row] for begin in range(0, len(urls), in_a_row)]
        streams = asyncio.ensure_future(all_of(headers, each_client, {"content": "Count"}))
        await asyncio.sleep(TOKENS * PAUSE * in_a_row / 2)
        memory = await asyncio.to_thread(resident_megabytes, scenario, "backend")
        found = await streams
        for each, stream in zip(ids, found, strict=True):
            stream.failure = stream.failure or await stored_otherwise(client, f"{base}/{each}")
    return Figures.of(found, memory)


def edge_address(scenario: Scenario) -> str:
    """Return where the edge's container listens.

    That is where the kernel takes a client of another machine. The published port on loopback isn't the same: who asks
    there, as a proxy on this machine does, goes through docker-proxy, a process that would take a third of a core.
    """
    networks = facts.container(scenario.project, "edge").attrs["NetworkSettings"]["Networks"]
    address = next(found for network in networks.values() if (found := network["IPAddress"]))
    return f"{address}:{EDGE_PORT}"


async def new_conversation(client: aiohttp.ClientSession, url: str) -> str:
    async with client.post(url, json={}) as response:
        return str((await response.json())["id"])


async def stored_otherwise(client: aiohttp.ClientSession, url: str) -> str:
    """Return what is wrong with a stored answer, or nothing."""
    async with client.get(url) as response:
        answer = (await response.json())["messages"][-1]
    whole = answer["status"] == "complete" and len(answer["content"].split()) == TOKENS
    return "" if whole else f"stored as {answer['status']}"


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
