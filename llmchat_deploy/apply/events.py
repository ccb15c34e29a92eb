"""What is told while a plan is carried out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class StepStatus(StrEnum):
    """Where a step is."""

    STARTED = "started"
    PROGRESS = "progress"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StepEvent:
    """One thing that happened to a step.

    ``index`` counts from 1 to ``total``; ``elapsed`` is in seconds; ``detail`` is the last line of a build, a health
    state, or what went wrong, already free of secrets.
    """

    index: int
    total: int
    title: str
    status: StepStatus
    elapsed: float = 0.0
    detail: str = ""


class EventSink(Protocol):
    """Takes events as they happen; must not raise."""

    def __call__(self, event: StepEvent, /) -> None:
        """Take one event."""
