"""Spans of time counted by size. Without locks: one thread adds, anybody may read."""

from __future__ import annotations

from bisect import bisect_left

BOUNDS = (0.001, 0.005, 0.025, 0.1, 0.5, 2.5)
"""Seconds: the upper bounds of all classes but the last one."""


class Tally:
    """How often something took how long."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.total = 0.0

    def add(self, seconds: float) -> None:
        """Count one span."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds
