"""What a model server sends, streamed or whole, read as it comes: what arrived together is handed on together."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import SocketTimeoutError

from llmchat_backend.chat import upstream_errors
from llmchat_backend.chat.model_events import BadAnswerError, Finished, ReportedError, parse
from llmchat_backend.chat.silence import Silence
from llmchat_backend.chat.sse import DataDecoder, LineTooLongError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence

    from aiohttp import ClientResponse

    from llmchat_backend.chat.model_events import ModelEvent

DONE = b"[DONE]"
_MAX_WHOLE_ANSWER = 16 * 1024 * 1024


async def events(response: ClientResponse) -> AsyncIterator[Sequence[ModelEvent]]:
    """Read events; an end without `[DONE]` is fine only after the model said that it finished.

    Raises BadAnswerError, ReportedError, LineTooLongError, UpstreamError `model_cut_off`.
    """
    if not _is_stream(response):
        yield parse(await _body(response))
        return
    decoder, finished, done = DataDecoder(), False, False
    with _cheaper_timeout(response) as heard:
        while not done:
            chunk = await response.content.readany()
            heard()
            found: list[ModelEvent] = []
            broken: Exception | None = None
            try:
                done = _parse_all(decoder.feed(chunk) if chunk else decoder.finish(), found)
            except (BadAnswerError, ReportedError, LineTooLongError) as error:
                broken = error
            if found:  # what came before something broken, too
                finished = finished or any(isinstance(event, Finished) for event in found)
                yield found
            if broken is not None:
                raise broken
            if not chunk:
                break
    if not (done or finished):
        raise upstream_errors.cut_off()


async def payloads(response: ClientResponse) -> AsyncIterator[bytes]:
    """Read the payloads of events, `[DONE]` included, or a whole body; raise BadAnswerError, LineTooLongError."""
    if not _is_stream(response):
        yield await _body(response)
        return
    decoder = DataDecoder()
    async for chunk in response.content.iter_any():
        for payload in decoder.feed(chunk):
            if payload:
                yield payload
    for payload in decoder.finish():
        if payload:
            yield payload


@contextmanager
def _cheaper_timeout(response: ClientResponse) -> Iterator[Callable[[], None]]:
    """Keep the connection's time-out for silence, but without the timer that aiohttp sets for each piece that comes.

    Gives what is to be called when something was heard.
    """
    protocol = response.connection.protocol if response.connection else None
    if protocol is None or protocol.read_timeout is None:  # all has come, or may come whenever it likes
        yield lambda: None
        return
    silence = Silence(protocol.read_timeout, partial(response.content.set_exception, SocketTimeoutError()))
    protocol.read_timeout = None
    try:
        yield silence.broken
    finally:
        silence.end()


def _is_stream(response: ClientResponse) -> bool:
    return response.content_type == "text/event-stream"


def _parse_all(found: Iterable[bytes], into: list[ModelEvent]) -> bool:
    """Add the events of each payload; return whether the last one was `[DONE]`."""
    for payload in found:
        if payload == DONE:
            return True
        if payload:
            into += parse(payload)
    return False


async def _body(response: ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > _MAX_WHOLE_ANSWER:
            raise BadAnswerError("too long")
    if not body.lstrip().startswith(b"{"):
        raise BadAnswerError(f"its type is {response.content_type}")
    return bytes(body)
