"""A network between a browser and a page that is slow, and slow in another way for each request.

What a person does before something has arrived, and answers that overtake each other, are seen on such a one only.
With ``LLMCHAT_SLOW_NETWORK=2.5`` every browser of the tests is behind it: half of all requests, and each answer's
first words, take up to so many seconds more.
"""

from __future__ import annotations

import asyncio
import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

MOST = 65_536
NO_LOG_IN, CONNECTED = b"\x05\x00", b"\x05\x00\x00\x01" + bytes(6)
"""What a SOCKS server says (RFC 1928, sections 3 and 6)."""
BEFORE_LENGTH, PORT = 4, 2
"""Bytes of a request before the length of the host's name, and of the port after that name."""


class SlowNetwork:
    """A SOCKS 5 server that takes its time; it is told of hosts by name or by what stands for one, as Chromium does."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._random = random.Random(1)  # noqa: S311 - to be the same each time

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Do what one connection asks for."""
        with suppress(OSError, EOFError):
            await reader.readexactly((await reader.readexactly(2))[1])
            writer.write(NO_LOG_IN)
            length = (await reader.readexactly(BEFORE_LENGTH + 1))[BEFORE_LENGTH]
            host, port = await reader.readexactly(length), await reader.readexactly(PORT)
            there = await asyncio.open_connection(host.decode(), int.from_bytes(port))
            writer.write(CONNECTED)
            await self._pass_on(reader, writer, *there)
        writer.close()

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        answers: asyncio.StreamReader,
        asking: asyncio.StreamWriter,
    ) -> None:
        asked = asyncio.Event()

        async def requests() -> None:
            while request := await reader.read(MOST):
                asked.set()
                await asyncio.sleep(self._random.choice((0, self._longest)) * self._random.random())
                asking.write(request)
            asking.close()

        async def responses() -> None:
            while response := await answers.read(MOST):
                if asked.is_set():
                    asked.clear()
                    await asyncio.sleep(self._longest * self._random.random() ** 2)
                writer.write(response)
            writer.close()

        await asyncio.gather(requests(), responses())


@contextmanager
def arguments_for_chromium() -> Iterator[tuple[str, ...]]:
    """Run such a network where one is asked for, and yield what sends a browser through it."""
    longest = float(os.environ.get("LLMCHAT_SLOW_NETWORK") or 0)
    if not longest:
        yield ()
        return
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(SlowNetwork(longest).serve, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        port = server.sockets[0].getsockname()[1]
        yield (f"--proxy-server=socks5://127.0.0.1:{port}", "--proxy-bypass-list=<-loopback>")
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
