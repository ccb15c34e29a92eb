"""Where an address stands in an environment's files, and the same files with another in its place.

Comments, order, quotes and everything else stay as they are, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llmchat_deploy.config import env_text, toml_text
from llmchat_deploy.config.schema import dotted, lookup
from llmchat_deploy.config.section import without_credentials
from llmchat_deploy.config.variables import LLM_API_KEY, PRESET_MODELS, REMOTE_PREFIX, VARIABLES
from llmchat_deploy.secret import MASK

if TYPE_CHECKING:
    from llmchat_deploy.config.sources import SourceText

SECRET_URLS = {"BACKUP_WEBHOOK_URL", "BACKUP_PING_URL"}
"""Secrets that hold an address; all other secrets are opaque and never touched."""
_PRESET_URL = re.compile(r'("url"\s*:\s*")((?:[^"\\]|\\.)*)(")')

Rewrite = Callable[[str, str], str]
"""Key and value as it is written -> the value as it shall be written."""


@dataclass(frozen=True, slots=True)
class Change:
    """One value that changes; ``before`` and ``after`` are as they may be shown.

    ``secret`` values are shown as ``***``, and nowhere kept.
    """

    file: str
    line: int
    key: str
    before: str
    after: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Edited:
    """A file's new text, and what changes in it."""

    text: str
    changes: tuple[Change, ...]


def edit_env(source: SourceText, rewrite: Rewrite) -> Edited:
    """Return an env file with the values rewritten that may hold an address."""
    pieces: list[str] = []
    changes: list[Change] = []
    for binding in env_text.bindings(source.text):
        original, name = binding.original.string, binding.key or ""
        start, end = _value_span(original)
        before = original[start:end]
        after = before if is_opaque(name) else _rewritten(name, before, rewrite)
        if after != before:
            line = binding.original.line + original[:start].count("\n")
            changes.append(_shown(source.path, line, name, before, after))
        pieces += (original[:start], after, original[end:])
    return Edited("".join(pieces), tuple(changes))


def edit_profile(source: SourceText, rewrite: Rewrite) -> Edited:
    """Return a profile with the texts rewritten that may hold an address."""
    import tomlkit  # noqa: PLC0415 - it costs 40 ms that only a change of a profile needs

    document = tomlkit.parse(source.text)
    changes: list[Change] = []
    lines = toml_text.Lines(source.text)

    def walk(table: Any, prefix: tuple[str, ...]) -> None:
        for name, value in list(table.items()):
            path = (*prefix, name)
            if isinstance(value, dict):
                walk(value, path)
            elif isinstance(value, str) and (after := rewrite(dotted(path), str(value))) != value:
                changes.append(
                    Change(
                        source.path,
                        lines.of(path),
                        dotted(path),
                        without_credentials(value),
                        without_credentials(after),
                    )
                )
                table[name] = after

    walk(document, ())
    return Edited(tomlkit.dumps(document), tuple(changes))


def set_in_env(source: SourceText, name: str, value: str | None) -> Edited:
    """Return an env file with one plain variable set, or without it where ``value`` is None."""
    present = {each.name: each for each in env_text.parse(source.text).variables}.get(name)
    if value is None:
        kept = (each.original.string for each in env_text.bindings(source.text) if each.key != name)
        text = "".join(kept)
    else:
        text = env_text.with_variables(source.text, {name: value})
    line = present.line if present else source.text.count("\n") + 1
    before = present.value if present else ""
    changes = () if text == source.text else (Change(source.path, line, name, before, value or ""),)
    return Edited(text, changes)


def set_in_profile(source: SourceText, section: str, name: str, value: str | None) -> Edited:
    """Return a profile with one text of a section set, or without it where ``value`` is None."""
    import tomlkit  # noqa: PLC0415 - as above

    document = tomlkit.parse(source.text)
    if section not in document:
        document.add(section, tomlkit.table())
    table: Any = document[section]
    before = str(table.get(name, ""))
    if value is None:
        table.pop(name, None)
    else:
        table[name] = value
    text = tomlkit.dumps(document)
    line = toml_text.Lines(text).of((section, name))
    changes = () if text == source.text else (Change(source.path, line, f"{section}.{name}", before, value or ""),)
    return Edited(text, changes)


def is_opaque(name: str) -> bool:
    """Whether a variable is a secret in which nothing is looked for."""
    known = lookup(VARIABLES[name]) if name in VARIABLES else None
    secret = known is not None and known.kind == "secret"
    return (secret or name.startswith((LLM_API_KEY, REMOTE_PREFIX))) and name not in SECRET_URLS


def _rewritten(name: str, value: str, rewrite: Rewrite) -> str:
    if name != PRESET_MODELS:
        return rewrite(name, value)
    return _PRESET_URL.sub(lambda match: f"{match[1]}{rewrite(name, match[2])}{match[3]}", value)


def _shown(file: str, line: int, name: str, before: str, after: str) -> Change:
    if name in SECRET_URLS:
        return Change(file, line, name, MASK, MASK, secret=True)
    if name == PRESET_MODELS:
        pairs = zip(_urls(before), _urls(after), strict=True)
        changed = [(old, new) for old, new in pairs if old != new]
        old_urls, new_urls = (
            ", ".join(without_credentials(url) for url in urls) for urls in zip(*changed, strict=True)
        )
        return Change(file, line, name, old_urls, new_urls, secret=True)
    shown = without_credentials(before), without_credentials(after)
    return Change(file, line, name, *shown, secret=shown != (before, after))


def _urls(presets: str) -> list[str]:
    return [match[2] for match in _PRESET_URL.finditer(presets)]


def _value_span(original: str) -> tuple[int, int]:
    """Return where the value of ``NAME=value`` stands, its quotes and a comment behind it left out."""
    equals = original.find("=")
    if equals < 0 or original.lstrip().startswith("#"):
        return len(original), len(original)
    start = equals + 1 + len(original[equals + 1 :]) - len(original[equals + 1 :].lstrip(" \t"))
    quote = original[start : start + 1]
    if quote and quote in "'\"":
        closing = re.compile(rf"(?:[^{quote}\\]|\\.)*", re.DOTALL).match(original, start + 1)
        return start + 1, closing.end() if closing else len(original)
    end = re.compile(r"\s+#|[\r\n]|$").search(original, start)
    return start, end.start() if end else len(original)
