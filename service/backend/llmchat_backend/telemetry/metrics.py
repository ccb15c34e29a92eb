"""The service's figures in Prometheus's format: counted per request and per answer, never per token.

A label is a route's template, a configured model, or a word of this code: what a client sends makes no new series.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from llmchat_backend import __version__
from llmchat_backend.telemetry.lanes import LaneCollector
from llmchat_backend.telemetry.models import HealthCollector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sized

    from prometheus_client import Metric

    from llmchat_backend.chat.model_health import ModelHealth
    from llmchat_backend.db.engine import Database

Via = Literal["page", "api"]
"""Who asks for an answer: somebody at the page, or a program."""

OTHER = "other"
"""The route of a path that is none, and the method that is none."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REQUEST_BOUNDS = (0.005, 0.025, 0.1, 0.5, 2.5, 10, 60)
_FIRST_TOKEN_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_ANSWER_BOUNDS = (0.5, 1, 2.5, 5, 10, 30, 60, 180, 600)


class Metrics:
    """What one process, which is one slot, has counted since it began."""

    def __init__(self, slot: str, release: str) -> None:
        self._slot = slot
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        about = Gauge("llmchat_info", "What runs here.", ("version", "release"), registry=registry)
        about.labels(__version__, release).set(1)
        requests = Counter(
            "llmchat_requests", "Requests that have ended.", ("route", "method", "status"), registry=registry
        )
        request_seconds = Histogram(
            "llmchat_request_seconds",
            "From a request to the end of its response, which for a streamed answer is the answer's.",
            ("route",),
            buckets=_REQUEST_BOUNDS,
            registry=registry,
        )
        answers = Counter(
            "llmchat_answers",
            "Answers that have ended, and how; with an error also its code.",
            ("model", "via", "outcome", "error"),
            registry=registry,
        )
        answer_seconds = Histogram(
            "llmchat_answer_seconds",
            "From the question to the end of the answer.",
            ("model", "via"),
            buckets=_ANSWER_BOUNDS,
            registry=registry,
        )
        first_token = Histogram(
            "llmchat_first_token_seconds",
            "From the question to the first piece of a streamed answer.",
            ("model", "via"),
            buckets=_FIRST_TOKEN_BOUNDS,
            registry=registry,
        )
        tokens = Counter(
            "llmchat_tokens", "Tokens that models have read and written.", ("model", "via", "kind"), registry=registry
        )
        # Finding the series of some labels costs more than counting does.
        self._requests, self._request_seconds = cache(requests.labels), cache(request_seconds.labels)
        self._answers, self._answer_seconds = cache(answers.labels), cache(answer_seconds.labels)
        self._first_token, self._tokens = cache(first_token.labels), cache(tokens.labels)
        self._open = Gauge("llmchat_answers_open", "Answers being written.", ("via",), registry=registry)

    def watch(self, database: Database, health: ModelHealth, running: dict[Via, Callable[[], Sized]]) -> None:
        """Look at these whenever somebody asks for the figures."""
        self._registry.register(LaneCollector(database.lanes))
        self._registry.register(HealthCollector(health))
        for via, find in running.items():
            self._open.labels(via).set_function(partial(_count, find))

    def request_ended(self, route: str | None, method: str, status: int, seconds: float) -> None:
        """Count a request; None is the route of an unknown path."""
        route = route or OTHER
        self._requests(route, method if method in _METHODS else OTHER, status).inc()
        self._request_seconds(route).observe(seconds)

    def first_token(self, model: str, via: Via, seconds: float) -> None:
        """Count how long somebody waited for an answer to begin."""
        self._first_token(model, via).observe(seconds)

    def answer_ended(  # noqa: PLR0913 - what is known of it
        self, model: str, via: Via, outcome: str, error: str | None, *, seconds: float, tokens: tuple[int, int]
    ) -> None:
        """Count an answer, however it ended, and the tokens read and written for it."""
        self._answers(model, via, outcome, error or "").inc()
        self._answer_seconds(model, via).observe(seconds)
        for kind, amount in zip(("read", "written"), tokens, strict=True):
            self._tokens(model, via, kind).inc(amount)

    def collect(self) -> Iterable[Metric]:
        """Yield all figures, with the slot as a label: during an update there are two of them."""
        for metric in self._registry.collect():
            metric.samples = [
                sample._replace(labels={**sample.labels, "slot": self._slot})
                for sample in metric.samples
                if not sample.name.endswith("_created")  # since when a series counts: a second one for each
            ]
            yield metric

    def text(self) -> bytes:
        """Return them in Prometheus's text format."""
        return generate_latest(self)


def _count(find: Callable[[], Sized]) -> float:
    return len(find())
