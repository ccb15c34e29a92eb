"""What counts as a word: each Chinese, Japanese or Korean character, and each run of other letters and digits.

Nobody writes spaces between Chinese words, so their characters are indexed one by one and looked for as a phrase: a
word of one or two characters is found like any other, wherever it stands. Texts and queries are cut the same way.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ALONE = (
    "\u3040-\u30ff\u3100-\u312f\u31a0-\u31bf\u31f0-\u31ff"  # kana, bopomofo
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "\uac00-\ud7af"  # Hangul
)
_MAX_WORD = 64
_WORD = re.compile(rf"[{_ALONE}]|[^\W_{_ALONE}]{{1,{_MAX_WORD}}}")
_CHARACTER = re.compile(rf"[{_ALONE}]")
_ACCENTS = re.compile("[\u0300-\u036f]")
_MAX_PHRASES = 12
_MAX_PHRASE = 40
_QUOTED_OR_NOT = re.compile(r'"([^"]*)"|([^\s"]+)')


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is indexed, and where it stands in the text."""

    term: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words one after another; the last one may be the beginning of a longer one."""

    terms: tuple[str, ...]
    open_end: bool


def compose(text: str) -> str:
    """Return a text whose accents are part of their letters, as `words` needs it."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def words(text: str) -> Iterator[Word]:
    """Cut a composed text into words; case, width and accents make no difference."""
    for found in _WORD.finditer(text):
        for term in _fold(found[0]):
            yield Word(term, found.start(), found.end())


def terms(text: str) -> str:
    """Return the words of any text with a space around each, as the index keeps them; empty for none."""
    if text.isascii():
        joined = " ".join(_WORD.findall(text.lower()))
    else:
        joined = " ".join(word.term for word in words(compose(text)))
    return f" {joined} " if joined else ""


def phrases(query: str) -> Sequence[Phrase]:
    """Read what somebody looks for: words and characters that stand together, and "quoted" ones exactly."""
    found = []
    for quoted, plain in _QUOTED_OR_NOT.findall(query):
        cut = tuple(word.term for word in words(compose(quoted or plain)))[:_MAX_PHRASE]
        if cut:
            found.append(Phrase(cut, open_end=not quoted and not _CHARACTER.fullmatch(cut[-1])))
    return found[:_MAX_PHRASES]


@lru_cache(maxsize=20_000)
def _fold(word: str) -> tuple[str, ...]:
    if word.isascii():
        return (word.lower(),)
    plain = unicodedata.normalize("NFKD", word).casefold()
    folded = unicodedata.normalize("NFKC", _ACCENTS.sub("", plain))
    return tuple(_WORD.findall(folded))
