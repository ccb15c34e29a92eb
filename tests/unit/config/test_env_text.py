from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmchat_deploy.config.env_text import EnvText, parse, quote, with_variables

TRICKY = [
    "",
    " ",
    "a b",
    "$HOME",
    "P@$$w0rd",
    "#x",
    "a #b",
    "it's",
    '"q"',
    "a\\",
    "\\'",
    "\\n",
    "a\nb",
    "a\r\nb",
    "\t",
    "密钥",
    "=",
    "'",
    "''",
]

awkward = st.text(alphabet=st.sampled_from("a$#'\"\\\n\r \t={}`!é密"), max_size=30) | st.text(max_size=60)


def values(text: str) -> dict[str, str]:
    return {variable.name: variable.value for variable in parse(text).variables}


@pytest.mark.parametrize("value", TRICKY)
def test_a_value_survives_writing_and_reading(value: str) -> None:
    assert values(f"KEY={quote(value)}\n") == {"KEY": value}


@given(st.dictionaries(st.sampled_from("ABCDEF"), awkward, min_size=1))
def test_any_values_survive_writing_and_reading_together(written: dict[str, str]) -> None:
    assert values(with_variables("", written)) == written


@given(st.dictionaries(st.sampled_from("ABC"), awkward), st.dictionaries(st.sampled_from("BCD"), awkward))
def test_setting_variables_changes_those_and_no_others(before: dict[str, str], changes: dict[str, str]) -> None:
    assert values(with_variables(with_variables("# kept\n", before), changes)) == {**before, **changes}


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    assert isinstance(parse(text), EnvText)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0'\\\r"), max_size=40))
def test_a_shell_reads_simple_values_the_same_way(value: str) -> None:
    script = f'KEY={quote(value)}; printf %s "$KEY"'
    assert subprocess.run(["/bin/sh", "-c", script], capture_output=True, check=True).stdout == value.encode()


def test_variables_stay_where_they_are_and_comments_too() -> None:
    text = "# one\nA=1\n\n# two\nexport SECRET_KEY=\nB=2"
    assert with_variables(text, {"SECRET_KEY": "x y", "C": "3"}) == "# one\nA=1\n\n# two\nSECRET_KEY='x y'\nB=2\nC=3\n"


def test_nothing_is_interpolated() -> None:
    text = 'A=corr3ct$battery\nB="${HOME}"\nC=$A\nD=$(id)\n'
    assert values(text) == {"A": "corr3ct$battery", "B": "${HOME}", "C": "$A", "D": "$(id)"}


def test_windows_line_ends_byte_order_marks_and_exports_are_read() -> None:
    assert values("\ufeffA=1\r\nexport B='2'\r\n\r\nC=3") == {"A": "1", "B": "2", "C": "3"}


def test_a_bad_line_is_named_by_its_number_and_the_others_are_read() -> None:
    parsed = parse("A=1\n\n\nSECRET_KEY='open\nB=2\nno equals sign\n")
    assert [(bad.line, bad.name) for bad in parsed.bad_lines] == [(4, "SECRET_KEY"), (6, "")]
    assert [(variable.name, variable.line) for variable in parsed.variables] == [("A", 1), ("B", 5)]


def test_a_value_in_several_lines_counts_from_its_first() -> None:
    parsed = parse("PRESET_MODELS='{\n}'\nB=2\n")
    assert [(variable.name, variable.line) for variable in parsed.variables] == [("PRESET_MODELS", 1), ("B", 3)]


def test_values_are_not_in_the_representation() -> None:
    assert "hunter2" not in repr(parse("SECRET_KEY=hunter2"))
