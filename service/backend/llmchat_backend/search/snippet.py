"""The place in a text that answers a query, and which parts of it do."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from llmchat_backend.search.terms import compose, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmchat_backend.search.terms import Phrase, Word

BEFORE, AFTER = 40, 160
"""Characters around the first hit."""

_MORE = "…"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a snippet; `hit` ones are what was looked for."""

    text: str
    hit: bool


def snippet(
    text: str, phrases: Sequence[Phrase], *, more_before: bool = False, more_after: bool = False
) -> list[Piece]:
    """Return the surroundings of the first hit, cut into hits and the rest; the beginning where there is no hit.

    The text may be a part of a longer one, with more before or after it.
    """
    text = compose(text)
    hits = _merged(_spans(list(words(text)), phrases))
    first = hits[0][0] if hits else 0
    start = max(0, first - BEFORE) if first > BEFORE + len(_MORE) else 0
    end = min(len(text), first + AFTER)
    edges = [start]
    for hit_start, hit_end in hits:
        if hit_start < end:
            edges += [hit_start, min(hit_end, end)]
    pieces = [Piece(text[left:right], bool(number % 2)) for number, (left, right) in enumerate(pairwise([*edges, end]))]
    if start > 0 or more_before:
        pieces.insert(0, Piece(_MORE, hit=False))
    if end < len(text) or more_after:
        pieces.append(Piece(_MORE, hit=False))
    return [piece for piece in pieces if piece.text]


def _spans(cut: Sequence[Word], phrases: Sequence[Phrase]) -> Iterator[tuple[int, int]]:
    for phrase in phrases:
        length = len(phrase.terms)
        for at, word in enumerate(cut):
            if _fits(word.term, phrase, 0) and all(
                at + offset < len(cut) and _fits(cut[at + offset].term, phrase, offset) for offset in range(1, length)
            ):
                yield word.start, cut[at + length - 1].end


def _fits(term: str, phrase: Phrase, offset: int) -> bool:
    wanted = phrase.terms[offset]
    return term.startswith(wanted) if phrase.open_end and offset == len(phrase.terms) - 1 else term == wanted


def _merged(spans: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
