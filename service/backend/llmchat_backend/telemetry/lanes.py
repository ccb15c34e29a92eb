"""How long calls wait for one of the database's threads, and how long they take there."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any

from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily

from llmchat_backend.telemetry.tally import BOUNDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prometheus_client import Metric

    from llmchat_backend.db.lane import Lane
    from llmchat_backend.telemetry.tally import Tally

_NAMES = (*map(str, BOUNDS), "+Inf")


class LaneCollector:
    """Reads what lanes have counted."""

    def __init__(self, lanes: Sequence[Lane[Any]]) -> None:
        self._lanes = lanes

    def collect(self) -> Iterable[Metric]:
        """Yield the figures of each lane."""
        waits = HistogramMetricFamily(
            "llmchat_database_wait_seconds", "From a call to its turn in a thread of the database.", labels=("lane",)
        )
        runs = HistogramMetricFamily(
            "llmchat_database_run_seconds",
            "What calls took that a thread ran together, locks included.",
            labels=("lane",),
        )
        queues = GaugeMetricFamily("llmchat_database_queue", "Calls that wait for a thread.", labels=("lane",))
        for lane in self._lanes:
            _add(waits, lane.name, lane.waits)
            _add(runs, lane.name, lane.runs)
            queues.add_metric((lane.name,), lane.waiting)
        return (waits, runs, queues)


def _add(family: HistogramMetricFamily, lane: str, tallies: Sequence[Tally]) -> None:
    counts = accumulate(map(sum, zip(*(tally.counts for tally in tallies), strict=True)))
    family.add_metric((lane,), list(zip(_NAMES, counts, strict=True)), sum(tally.total for tally in tallies))
