"""A stream of events as a response: what keeps those in between from holding it back."""

from collections.abc import AsyncIterator

from fastapi.responses import StreamingResponse

_HEADERS = {
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",  # an nginx in front would collect tokens by the kilobyte
}


def event_stream(events: AsyncIterator[bytes]) -> StreamingResponse:
    """Return the response that sends each encoded event as it comes."""
    return StreamingResponse(events, media_type="text/event-stream", headers=_HEADERS)
