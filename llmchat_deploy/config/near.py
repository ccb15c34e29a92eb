"""What was probably meant by a word that isn't known."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from llmchat_deploy.config.schema import ANY, Path, dotted, known_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NEAR = 0.6
"""How alike two words are, from 0 to 1, that may be the same one."""
_SECTION = 0.65
_LONE = 0.75
"""How alike a setting's name is that was written without its section."""
_ELSEWHERE = 0.9
"""How alike one is that was written in another section."""


def nearest(word: str, known: Iterable[str], *, alike: float = _NEAR) -> str:
    """Return the known word that ``word`` was probably meant to be, empty where none is near."""
    words = {each.lower(): each for each in known}
    found = get_close_matches(word.lower(), words, n=1, cutoff=alike)
    return words[found[0]] if found else ""


def nearest_section(path: Path) -> str:
    """Return the section that ``path`` is in, was probably meant to be in, or to be; empty where none is near."""
    sections = {dotted(key[:-1]) for key in _keys_beside(path) if key[:-1]}
    return nearest(dotted(path[:-1] or path), sorted(sections), alike=_SECTION)


def nearest_key(path: Path) -> str:
    """Return the dotted key that ``path`` was probably meant to be; empty where none is near.

    A near name in the nearest section comes before one that is nearer and in another.
    """
    keys, name, alone = list(_keys_beside(path)), path[-1], len(path) == 1
    section = nearest_section(path)
    own = {key[-1]: dotted(key) for key in keys if dotted(key[:-1]) == ("" if alone else section)}
    if near := nearest(name, own):
        return own[near]
    names = [key[-1] for key in keys]
    if alone and section and name not in names:
        return ""
    if near := nearest(name, names, alike=_LONE if alone else _ELSEWHERE):
        return nearest(dotted(path), (dotted(key) for key in keys if key[-1] == near), alike=0.0)
    return nearest(name, map(dotted, keys), alike=_LONE) if alone else ""


def _keys_beside(path: Path) -> Iterator[Path]:
    """Yield every setting but secrets; those of named sections where ``path`` may be in one, with its name."""
    for known, what in known_settings().items():
        if what.kind == "secret":
            continue
        if ANY not in known:
            yield known
            continue
        table = known[: known.index(ANY)]
        own_name = dotted(path[len(table) : -1])
        if own_name and nearest(dotted(path[: len(table)]), (dotted(table),)):
            yield (*table, own_name, known[-1])
