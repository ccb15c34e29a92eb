"""A stream of events as a response: nothing in between holds it back, and it ends when nobody listens any more."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from llmchat_backend.api.schemas import Problem

_EVENTS = "Events `start`, `reasoning`, `token`, `usage`, `error`, and always `done` at the end."
ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"description": _EVENTS, "content": {"text/event-stream": {}}},
    404: {"model": Problem},
    409: {"model": Problem},
}
"""What the API's description says of requests that are answered by a model."""

_HEADERS = {
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",  # an nginx in front would collect tokens by the kilobyte
}


class EventStream(StreamingResponse):
    """Sends what a generator yields, with two plain tasks: the group of tasks of its parent costs a question more."""

    def __init__(self, events: AsyncGenerator[bytes]) -> None:
        super().__init__(events, media_type="text/event-stream", headers=_HEADERS)
        self._events = events

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send each event as it comes; a client that leaves ends the generator, wherever it waits."""
        sending = asyncio.ensure_future(self._send(send))
        leaving = asyncio.ensure_future(self.listen_for_disconnect(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            sending.cancel()
            leaving.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)

    async def _send(self, send: Send) -> None:
        async with aclosing(self._events):
            await self.stream_response(send)


def event_stream(events: AsyncGenerator[bytes]) -> StreamingResponse:
    """Return the response that sends each encoded event as it comes."""
    return EventStream(events)
