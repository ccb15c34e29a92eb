"""Server-sent events, both directions, on bytes.

Source of the format: the HTML standard, "Server-sent events", section "Interpreting an event stream".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PING = b": ping\n\n"
MAX_LINE_BYTES = 4 * 1024 * 1024


class LineTooLongError(ValueError):
    """A line has grown beyond anything a model server sends."""


def encode(event: str, data: Mapping[str, object], event_id: object = None) -> bytes:
    """Return one event with its data as one line of JSON."""
    head = f"event: {event}\ndata: " if event_id is None else f"id: {event_id}\nevent: {event}\ndata: "
    return b"%b%b\n\n" % (head.encode(), orjson.dumps(data))


class DataDecoder:
    """Turn chunks, cut anywhere, into the payloads of `data:` lines.

    One payload a line: no model server spreads a JSON object over several `data:` lines, and those that forget the
    empty line between two events are understood too.
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the payload of every line completed by this chunk; raise LineTooLongError."""
        lines = (self._rest + chunk).splitlines(keepends=True)
        # A final "\r" may be half of "\r\n": treating it as an end is harmless, the "\n" becomes an empty line.
        self._rest = lines.pop() if lines and not lines[-1].endswith((b"\n", b"\r")) else b""
        if len(self._rest) > MAX_LINE_BYTES:
            raise LineTooLongError
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].strip()

    def finish(self) -> Iterator[bytes]:
        """Yield the payload of a last line without an end."""
        yield from self.feed(b"\n")
