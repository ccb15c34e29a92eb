"""What counts as a word, and how a hit is shown."""

from __future__ import annotations

import pytest
from llmchat_backend.search.snippet import snippet
from llmchat_backend.search.terms import phrases, terms


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Hello, World", " hello world "),
        ("床前明月光", " 床 前 明 月 光 "),
        ("用Python写", " 用 python 写 "),
        ("Café cafe\u0301 CAFÉ", " cafe cafe cafe "),
        ("\uff21\uff22\uff23 \uff11", " abc 1 "),  # full width
        ("ﾃｽﾄ", " テ ス ト "),
        ("がか", " が か "),  # a mark that makes another sound is no accent
        ("snake_case C++ 3.14", " snake case c 3 14 "),
        ("Straße", " strasse "),
        ("한국어", " 한 국 어 "),
        ("𠮷野家", " 𠮷 野 家 "),
        ("😀 …", ""),
        ("", ""),
    ],
)
def test_a_text_is_cut_into_words(text: str, cut: str) -> None:
    assert terms(text) == cut


def test_a_query_is_cut_like_a_text() -> None:
    assert [(phrase.terms, phrase.open_end) for phrase in phrases('明月 hel "big cat" 3D打印')] == [
        (("明", "月"), False), (("hel",), True), (("big", "cat"), False), (("3d", "打", "印"), False),
    ]  # fmt: skip
    assert phrases(' "" !? ') == []


def test_a_snippet_shows_the_first_hit_and_marks_all() -> None:
    pieces = snippet("x" * 300 + " 举头望明月,低头思故乡。明月 " + "y" * 300, phrases("明月"))
    shown = "".join(piece.text for piece in pieces)
    assert shown.startswith("…x")
    assert shown.endswith("y…")
    assert [piece.text for piece in pieces if piece.hit] == ["明月", "明月"]
    assert [piece.text for piece in snippet("Cafés here", phrases("CAFE")) if piece.hit] == ["Cafés"]
    assert [(piece.text, piece.hit) for piece in snippet("short", phrases("none"))] == [("short", False)]
