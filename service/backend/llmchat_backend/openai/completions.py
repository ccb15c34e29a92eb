"""Chat completions for programs: metered like the page's, never stored; whoever leaves ends the answer."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from llmchat_backend.chat import sse
from llmchat_backend.chat.broadcast import PING_SECONDS
from llmchat_backend.chat.upstream_errors import UpstreamError
from llmchat_backend.clock import new_id
from llmchat_backend.openai import errors, request
from llmchat_backend.openai.relay import DONE, Relay
from llmchat_backend.usage import meter

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Coroutine, Mapping, Sequence

    from llmchat_backend.chat.catalogue import ModelEndpoint
    from llmchat_backend.chat.model_health import ModelHealth
    from llmchat_backend.chat.upstream import Upstream
    from llmchat_backend.db.engine import Database
    from llmchat_backend.telemetry.metrics import Metrics
    from llmchat_backend.usage.meter import Meter

T = TypeVar("T")

FIRST_SECONDS = 10
"""How long an error may still become an HTTP status; then the headers go out, so that nobody in between gives up."""

_CLIENT_GONE = "client_gone"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request whose model is known and whose user may ask."""

    id: str
    endpoint: ModelEndpoint
    body: Mapping[str, Any]
    relay: Relay
    stopped: asyncio.Event
    began: float = field(default_factory=time.monotonic)

    @property
    def elapsed(self) -> float:
        """Seconds since it was asked."""
        return time.monotonic() - self.began


class Completions:
    """Answers of this process for programs."""

    def __init__(
        self, database: Database, upstream: Upstream, limits: Meter, *, metrics: Metrics, health: ModelHealth
    ) -> None:
        self._database = database
        self._upstream = upstream
        self._limits = limits
        self._metrics = metrics
        self._health = health
        self._running: dict[str, Asked] = {}

    @property
    def running(self) -> tuple[str, ...]:
        """The ids of the answers this process is passing on."""
        return tuple(self._running)

    async def begin(self, user_id: str, endpoint: ModelEndpoint, body: Mapping[str, Any]) -> Asked:
        """Count a request, which must be answered now; raise ApiError 429 for one too many."""
        options = body.get("stream_options") or {}
        relay = Relay(
            endpoint,
            body["model"],
            tell_usage=bool(options.get("include_usage")),
            prompt_bytes=request.text_bytes(body["messages"]),
        )
        asked = Asked(new_id(), endpoint, body, relay, asyncio.Event())
        await self._database.write_rows(self._limits.admitted(meter.begin), user_id, asked.id, endpoint.id)
        self._running[asked.id] = asked
        return asked

    def stop(self, generation_id: str) -> None:
        """End an answer that is being passed on; nothing happens to any other."""
        if (asked := self._running.get(generation_id)) is not None:
            asked.stopped.set()

    async def whole(self, asked: Asked, gone: Awaitable[None]) -> dict[str, Any]:
        """Return an answer in one piece; raise UpstreamError, also when the program is `gone` before it has come."""
        async with self._ending(asked), aclosing(self._upstream.relay(asked.endpoint, asked.body)) as payloads:
            return await _unless((gone, asked.stopped.wait()), asked.relay.whole(payloads))

    async def stream(self, asked: Asked) -> AsyncGenerator[bytes]:
        """Return an answer's events once the first has come; raise UpstreamError when that fails soon."""
        events = self._events(asked)
        first = asyncio.ensure_future(anext(events))
        first.add_done_callback(lambda done: self._note_first(asked, done))
        try:
            await asyncio.wait({first}, timeout=FIRST_SECONDS)
            if first.done():
                first.result()
        except BaseException:
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
            await events.aclose()
            raise
        return _with_pings(first, events, asked.stopped)

    async def _events(self, asked: Asked) -> AsyncGenerator[bytes]:
        async with self._ending(asked):
            async with aclosing(self._upstream.relay(asked.endpoint, asked.body)) as payloads:
                async for chunk in asked.relay.stream(payloads):
                    yield _data(chunk)
            yield _data(DONE)

    def _note_first(self, asked: Asked, done: asyncio.Future[bytes]) -> None:
        if not done.cancelled() and done.exception() is None:
            self._metrics.first_token(asked.endpoint.id, "api", asked.elapsed)

    @asynccontextmanager
    async def _ending(self, asked: Asked) -> AsyncIterator[None]:
        """Note how an answer ended and what it has cost, even while it is being cancelled."""
        outcome, error = "stopped", None  # whoever asked has left, or may not ask any more
        try:
            yield
            outcome = "complete"
        except UpstreamError as raised:
            if raised.code != _CLIENT_GONE:
                outcome, error = "error", raised
            raise
        except Exception:
            outcome = "error"
            raise
        finally:
            await self._end(asked, outcome, error)

    async def _end(self, asked: Asked, outcome: str, error: UpstreamError | None) -> None:
        self._running.pop(asked.id, None)
        read, written = asked.relay.tokens()
        model, code = asked.endpoint.id, error.code if error else None
        self._health.answer_ended(model, outcome, error)
        self._metrics.answer_ended(model, "api", outcome, code, seconds=asked.elapsed, tokens=(read, written))
        ending = self._database.write_rows(meter.end, asked.id, prompt_tokens=read, completion_tokens=written)
        try:
            await asyncio.shield(asyncio.ensure_future(ending))
        except Exception:
            logger.exception("usage not stored", extra={"generation_id": asked.id})


async def _with_pings(
    first: asyncio.Future[bytes], events: AsyncGenerator[bytes], stopped: asyncio.Event
) -> AsyncGenerator[bytes]:
    """Yield events, a comment whenever there was silence for a while, and an error as an event of its own."""
    coming = first
    try:
        while not stopped.is_set():
            done, _ = await asyncio.wait({coming}, timeout=PING_SECONDS)
            if not done:
                yield sse.PING
                continue
            try:
                event = coming.result()
            except StopAsyncIteration:
                return
            except UpstreamError as error:
                yield _data(orjson.dumps(errors.body_of(errors.from_upstream(error))))
                return
            coming = asyncio.ensure_future(anext(events))
            yield event
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
        await events.aclose()


async def _unless(reasons: Sequence[Awaitable[object]], work: Coroutine[Any, Any, T]) -> T:
    """Return what work returns; give it up for any of the reasons that comes first."""
    task, against = asyncio.ensure_future(work), [asyncio.ensure_future(reason) for reason in reasons]
    try:
        await asyncio.wait({task, *against}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise UpstreamError(_CLIENT_GONE, "The program has left, or may not ask any more.")
    finally:
        for each in (task, *against):
            each.cancel()
        await asyncio.gather(task, *against, return_exceptions=True)


def _data(payload: bytes) -> bytes:
    return b"data: " + payload + b"\n\n"
