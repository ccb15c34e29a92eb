"""``config render``: everything that may be read is written, everything else is named."""

from __future__ import annotations

from llmchat_deploy.operations.config_render import render
from tests.fakes import FakeHost
from tests.unit.world import LLM_API_KEY, SECRET_KEY, SHIPPED, an_environment


def test_files_are_written_and_keys_are_withheld():
    written: dict[str, str] = {}

    outcome = render(an_environment(), SHIPPED, FakeHost(), out="out", write=written.__setitem__)

    assert set(written) == set(outcome.data.files)
    assert outcome.data.files == (
        "backend.compose.yaml", "edge.compose.yaml", "frontend.compose.yaml", "haproxy.cfg", "slots.cfg",
    )  # fmt: skip
    assert outcome.data.withheld == ("LLM_API_KEY", "PRESET_MODEL_KEYS", "SECRET_KEY")
    assert not [text for text in written.values() if SECRET_KEY in text or LLM_API_KEY in text]


def test_scheduled_backups_are_rendered_for_this_machine():
    written: dict[str, str] = {}
    environment = an_environment(backup__schedule="every 6h")

    outcome = render(environment, SHIPPED, FakeHost(), out="out", write=written.__setitem__)

    assert 'source: "/state/backups"' in written["backup.compose.yaml"]
    assert "backup.json" in outcome.data.withheld
