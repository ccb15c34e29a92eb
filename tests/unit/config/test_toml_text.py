from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmchat_deploy.config.sources import SourceText
from llmchat_deploy.config.toml_text import parse

TEXT = '''\
project = "one"

[server]  # comment
"web_port" = 1
api_port = 2

[models]
default = { url = "u", name = "n" }
presets.glm.label = """
[server]
fake = 1
"""

[models.presets."gpt-4.1"]
url = "v"
'''


def test_each_key_has_its_line_and_an_inline_table_that_of_its_holder() -> None:
    leaves, problem = parse(SourceText("p.toml", TEXT))
    assert problem is None
    assert {leaf.path: leaf.line for leaf in leaves} == {
        ("project",): 1,
        ("server", "web_port"): 4,
        ("server", "api_port"): 5,
        ("models", "default", "url"): 8,
        ("models", "default", "name"): 8,
        ("models", "presets", "glm", "label"): 9,
        ("models", "presets", "gpt-4.1", "url"): 15,
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [("a = 1\nb = \n", 2), ("[a\n", 1), ("a = 1\na = 2\n", 2), ('a = "x\n', 1), ("a = 1\n[b", 2), ("\n\nx", 3)],
)
def test_what_is_not_toml_is_named_with_its_line(text: str, line: int) -> None:
    _, problem = parse(SourceText("p.toml", text))
    assert problem is not None
    assert problem.source == f"p.toml:{line}"
    assert problem.message.startswith("is not valid TOML")


@pytest.mark.parametrize("text", [f"a = {'9' * 5000}", f"a = {'[' * 5000}", f"{'.'.join('a' * 5000)} = 1"])
def test_endless_values_are_problems_and_not_crashes(text: str) -> None:
    leaves, problem = parse(SourceText("p.toml", text))
    assert leaves == ()
    assert problem is not None


@given(st.text(max_size=200) | st.text(alphabet="ab=.[]\"'{}\n #1", max_size=80))
def test_any_text_gives_leaves_or_a_problem(text: str) -> None:
    leaves, problem = parse(SourceText("p.toml", text))
    assert problem is None or leaves == ()
