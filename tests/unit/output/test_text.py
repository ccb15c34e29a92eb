from __future__ import annotations

import io

import pytest
from rich.text import Text

from llmchat_deploy.output.masking import masked
from llmchat_deploy.output.plain import PlainConsole
from llmchat_deploy.output.screen import Screen
from llmchat_deploy.output.streams import MaskedStream
from llmchat_deploy.output.tables import print_table
from llmchat_deploy.output.terminal import TerminalConsole
from llmchat_deploy.output.words import moment, plural, seconds, size, span
from llmchat_deploy.secret import Secret


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "0.0 s"), (9.94, "9.9 s"), (12.4, "12 s"), (59.6, "1 min"), (60, "1 min"), (125, "2 min 5 s")],
)
def test_seconds(value: float, words: str) -> None:
    assert seconds(value) == words


@pytest.mark.parametrize(
    ("value", "words"), [(0, "0 B"), (999, "999 B"), (48_000_000, "48 MB"), (2_340_000_000, "2.3 GB")]
)
def test_sizes(value: int, words: str) -> None:
    assert size(value) == words


def test_small_words() -> None:
    assert plural(1, "step") == "1 step"
    assert plural(2, "step") == "2 steps"
    assert moment("2026-01-02T03:04:05.678901Z") == "2026-01-02 03:04:05 UTC"
    assert moment("") == "-"


def test_columns_are_aligned_by_what_is_seen_and_lines_have_no_tail() -> None:
    stream = io.StringIO()
    print_table(PlainConsole(stream), ("NAME", "STATE"), [("管理员", Text("ok", "green")), ("li", "")])
    assert stream.getvalue().splitlines() == ["NAME     STATE", "管理员   ok", "li"]


def test_a_row_that_a_terminal_is_too_narrow_for_stands_by_itself() -> None:
    heads, rows = (
        ("SERVICE", "STATE", "", "LABEL"),
        [("edge", Text("healthy", "green"), "kept", "x"), ("api", "-", "", "")],
    )

    def printed(width: int) -> list[str]:
        stream = io.StringIO()
        print_table(TerminalConsole(file=stream, force_terminal=True, no_color=True, width=width), heads, rows)
        return Text.from_ansi(stream.getvalue()).plain.splitlines()

    assert printed(40)[1] == "edge      healthy   kept   x"
    assert printed(24) == ["edge", "  STATE healthy   kept", "  LABEL x", "api", "  STATE -"]


def test_secrets_are_masked_whatever_prints_them(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen()
    screen.hide((Secret("hunter2-hunter2"),))
    screen.out.print(Text("the key is hunter2-hunter2."))
    screen.plain_line("hunter2-hunter2")
    screen.warn("hunter2-hunter2 is weak")
    captured = capsys.readouterr()
    assert captured.out == "the key is ***.\n***\n"
    assert captured.err == "Warning: *** is weak\n"


def test_passwords_in_addresses_are_masked() -> None:
    text = "HTTP_PROXY=http://li:p%40ss@proxy:3128 http://host:8000/path?q=a:b@c user@host"
    assert masked(text, ()) == "HTTP_PROXY=http://li:***@proxy:3128 http://host:8000/path?q=a:b@c user@host"


def test_a_warning_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen()
    screen.warn("twice")
    screen.warn("twice")
    assert capsys.readouterr().err == "Warning: twice\n"


def test_characters_an_encoding_lacks_are_replaced() -> None:
    raw = io.BytesIO()
    stream = MaskedStream(io.TextIOWrapper(raw, encoding="ascii"), lambda: ())
    stream.write("✓ done 好")
    stream.flush()
    assert raw.getvalue() == b"+ done ?"


def test_a_pipe_gets_lines_whole(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().out.print(Text("word " * 100))
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.mark.parametrize(
    ("seconds_ago", "said"),
    [
        (-5, "0 s"),
        (59, "59 s"),
        (61, "1 min"),
        (7200, "2 h"),
        (100_000, "27 h"),
        (200_000, "2 days"),
        (3e7, "347 days"),
    ],
)
def test_how_long_ago_something_was(seconds_ago: float, said: str) -> None:
    assert span(seconds_ago) == said
