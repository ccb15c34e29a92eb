"""How far a long piece of work is: amount, rate and time left, in one line."""

from __future__ import annotations

from llmchat_deploy.host.base import HostReader

_WORDS = {
    "snapshot": "copying the database",
    "check": "checking the copy",
    "write": "packing",
    "verify": "reading back",
    "upload": "sending copies",
    "extract": "unpacking",
    "start": "starting the service on it",
}
_WITHOUT_AMOUNT = {"start"}
MEGABYTE = 1_000_000


class Meter:
    """Measures each stage by itself: a rate over several of them would mean nothing."""

    def __init__(self, host: HostReader) -> None:
        self._host = host
        self._stage = ""
        self._began = 0.0

    def line(self, stage: str, done: int, total: int) -> str:
        """Return the line for ``done`` of ``total`` bytes of a stage."""
        now = self._host.monotonic()
        if stage != self._stage:
            self._stage, self._began = stage, now
        words = _WORDS.get(stage, stage)
        if total <= 0 or stage in _WITHOUT_AMOUNT:
            return words
        share = min(100, done * 100 // total)
        text = f"{words}: {share} % of {total / MEGABYTE:,.0f} MB"
        elapsed = now - self._began
        if elapsed <= 0 or done <= 0:
            return text
        rate = done / elapsed
        return f"{text}, {rate / MEGABYTE:,.0f} MB/s, {max(0, total - done) / rate:.0f} s left"
