"""Numbers as people say them."""

from __future__ import annotations

from llmchat_deploy.output.words import since


def test_since_when_and_how_long_that_is() -> None:
    assert since("2026-11-25T10:00:00+00:00", 1_795_600_800.0 + 4 * 3600) == "since 2026-11-25 10:00:00 UTC (4 h)"
    assert since("yesterday", 0) == "since yesterday"
