"""``config render``: everything that may be read is written, everything else is named."""

from __future__ import annotations

from llmchat_deploy.operations.config_render import render
from tests.unit.world import LLM_API_KEY, SECRET_KEY, SHIPPED, an_environment


def test_files_are_written_and_keys_are_withheld():
    written: dict[str, str] = {}

    outcome = render(an_environment(), SHIPPED, out="out", write=written.__setitem__)

    assert set(written) == set(outcome.data.files)
    assert outcome.data.files == (
        "backend.compose.yaml", "edge.compose.yaml", "frontend.compose.yaml", "haproxy.cfg", "slots.cfg",
    )  # fmt: skip
    assert outcome.data.withheld == ("LLM_API_KEY", "PRESET_MODEL_KEYS", "SECRET_KEY")
    assert not [text for text in written.values() if SECRET_KEY in text or LLM_API_KEY in text]
