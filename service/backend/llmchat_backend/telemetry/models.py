"""Which models fail, for alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.core import GaugeMetricFamily

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prometheus_client import Metric

    from llmchat_backend.chat.model_health import ModelHealth


class HealthCollector:
    """Reads what is known of the models; of one of which nothing is known there is no figure."""

    def __init__(self, health: ModelHealth) -> None:
        self._health = health

    def collect(self) -> Iterable[Metric]:
        """Yield 0 for each model that answers and 1 for each that fails."""
        family = GaugeMetricFamily(
            "llmchat_model_failing", "1 while a model fails, 0 while it answers.", labels=("model",)
        )
        for model_id, found in self._health.known().items():
            if found.state != "unknown":
                family.add_metric((model_id,), found.state == "failing")
        return (family,)
