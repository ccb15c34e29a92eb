"""Numbers as people say them, and our own commands as they type them."""

from __future__ import annotations

import os
import re
from datetime import datetime

COMMAND = re.compile(r"(?<![\w./-])llmchat-deploy(?= [a-z-])")
"""Our own command with at least a word after it, which prose doesn't have."""
TYPED = "_LLMCHAT_DEPLOY_TYPED"
"""Set by the launcher of a clone: how it was called, where the bare name is nobody's or another's."""
MINUTE, HOUR, DAY = 60, 3600, 86_400


def seconds(value: float) -> str:
    """Return a time span, such as ``0.4 s``, ``12 s`` or ``2 min 5 s``."""
    if value < 10:  # noqa: PLR2004 - below, tenths tell something
        return f"{value:.1f} s"
    whole = round(value)
    if whole < MINUTE:
        return f"{whole} s"
    minutes, rest = divmod(whole, MINUTE)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def span(value: float) -> str:
    """Return how long ago something was, in its largest unit: ``40 min``, ``7 h``, ``3 days``."""
    for unit, name in ((DAY, "day"), (HOUR, "h"), (MINUTE, "min")):
        if value >= 2 * unit or (value >= unit and unit != DAY):
            count = int(value // unit)
            return plural(count, name) if unit == DAY else f"{count} {name}"
    return f"{max(0, round(value))} s"


def since(timestamp: str, now: float) -> str:
    """Return since when, and how long that is: ``since 2026-11-25 10:00:00 UTC (3 h)``; ``now`` in epoch seconds."""
    try:
        age = now - datetime.fromisoformat(timestamp).timestamp()
    except ValueError:
        return f"since {timestamp}"
    return f"since {moment(timestamp)} ({span(age)})"


def size(value: float) -> str:
    """Return a number of bytes, such as ``48 MB``."""
    for unit in ("B", "kB", "MB"):
        if value < 1000:  # noqa: PLR2004 - powers of ten, as Docker shows them
            return f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def plural(count: int, thing: str) -> str:
    """Return a count with its noun, such as ``1 step`` or ``3 steps``."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def folded(text: str, width: int) -> str:
    """Break lines between words where they are wider than a terminal; each goes on as far in as it began.

    Counted in columns: a Chinese character takes two. A space at the end stays: something is typed behind it.
    """
    from rich.cells import cell_len  # noqa: PLC0415 - help does without

    if width < 1:  # a terminal that doesn't know
        return text
    lines = []
    for line in text.split("\n"):
        indent, row = line[: len(line) - len(line.lstrip())], ""
        for word in re.findall(r"\s*\S+", line):
            if row and cell_len(row + word) > width:
                lines.append(row)
                row = indent + word.lstrip()
            else:
                row += word
        lines.append(row)
    return "\n".join(lines) + (" " if text.endswith(" ") else "")


def moment(timestamp: str) -> str:
    """Return a UTC time stamp (ISO 8601) to the second, without the letters between."""
    return timestamp[:19].replace("T", " ") + " UTC" if len(timestamp) >= 19 else timestamp or "-"  # noqa: PLR2004


def as_typed(text: str) -> str:
    """Return ``text`` with our own commands so that they work here: a clone's are ``./llmchat-deploy …``."""
    name = os.environ.get(TYPED)
    return COMMAND.sub(lambda _found: name, text) if name else text
