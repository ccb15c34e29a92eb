from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest

from llmchat_deploy.engine.base import LogLine
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.output.log_view import LogData, show_lines
from llmchat_deploy.output.screen import Screen

LINES = (LogLine("backend-a", "✓ 中文 😀 → café"), LogLine("edge", "half \udcff of a pair…"))
SHOWN = {
    "utf-8": "backend-a  | ✓ 中文 😀 → café\nedge       | half ? of a pair…\n",
    "gbk": "backend-a  | + 中文 ? → café\nedge       | half ? of a pair…\n",
    "ascii": "backend-a  | + ?? ? -> caf?\nedge       | half ? of a pair...\n",
}


def an_output(encoding: str, monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    """Return what is written to standard output, which gets another encoding."""
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding=encoding, write_through=True))
    return written


@pytest.mark.parametrize("encoding", SHOWN)
def test_logs_reach_every_terminal_with_what_it_can_show(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written = an_output(encoding, monkeypatch)
    show_lines(Screen(), iter(LINES))
    assert written.getvalue().decode(encoding) == SHOWN[encoding]


def test_a_line_of_a_log_is_on_its_way_before_the_next_one_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding="utf-8"))  # as Python opens a pipe
    passed_on: list[int] = []

    def lines() -> Iterator[LogLine]:
        for line in LINES:
            yield line
            passed_on.append(written.getvalue().count(b"\n"))

    show_lines(Screen(), lines())
    assert passed_on == [1, 2]


@pytest.mark.parametrize("encoding", SHOWN)
def test_logs_in_json_are_the_same_on_every_output(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written = an_output(encoding, monkeypatch)
    Screen(json=True).json_outcome(Outcome("logs", LogData(LINES)))
    assert [line["text"] for line in json.loads(written.getvalue())["data"]["lines"]] == [line.text for line in LINES]
