"""Turn what a file or an option says into the type of its setting, or say what to write instead."""

from __future__ import annotations

import re

from llmchat_deploy.config.near import nearest
from llmchat_deploy.config.schema import Known
from llmchat_deploy.config.wrong import Wrong

_SWITCHES = {"true": True, "false": False}
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")


def from_toml(known: Known, value: object) -> object | Wrong:
    """Return a TOML value if it has the setting's type; TOML has types, so nothing is converted."""
    wanted = {"number": int, "switch": bool}.get(known.kind, str)
    if type(value) is not wanted:
        return Wrong(f"is {_describe(value)}", _how_to_write(known, value))
    return check_range(known, value)


def from_text(known: Known, text: str) -> object | Wrong:
    """Return the value that a variable's or an option's text stands for."""
    if known.kind == "number":
        digits = text.strip()  # int() knows fewer kinds of white space than strip()
        if not _NUMBER.fullmatch(digits):
            return Wrong(f"is {_describe(text)}" if text else "is empty", _how_to_write(known, text))
        return check_range(known, int(digits))
    if known.kind == "switch":
        if text.strip().lower() not in _SWITCHES:
            return Wrong(f"is {_describe(text)}" if text else "is empty", "Write true or false.")
        return _SWITCHES[text.strip().lower()]
    return check_range(known, text)


def check_range(known: Known, value: object) -> object | Wrong:
    """Return a value of the right type if it is one of those allowed."""
    if isinstance(value, str) and known.choices and value not in known.choices:
        near = nearest(value, known.choices)
        meant = f" Did you mean '{near}'?" if near else ""
        return Wrong(f"is {_describe(value)}", f"Write one of {', '.join(known.choices)}.{meant}")
    if isinstance(value, str) and "\0" in value:
        return Wrong("holds a NUL character", "No program's environment can hold one; leave it out.")
    if type(value) is int:
        least, most = known.least, known.most
        if (least is not None and value < least) or (most is not None and value > most):
            span = f"from {least} to {most}" if most is not None else f"of at least {least}"
            return Wrong(f"is {value}, out of range", f"Write a number {span}.")
    return value


def _describe(value: object) -> str:
    if isinstance(value, str):
        return f"the text {_short(value)!r}"
    if isinstance(value, bool):
        return f"the switch {str(value).lower()}"
    if isinstance(value, (int, float)):
        return f"the number {_short(str(value))}"
    if isinstance(value, list):
        return "a list"
    return "a table" if isinstance(value, dict) else "a date or time"


def _how_to_write(known: Known, value: object) -> str:
    if known.kind == "number":
        looks_right = isinstance(value, str) and _NUMBER.fullmatch(value)
        return f"Write it without quotes: {value}" if looks_right else "Write a whole number, such as 3000."
    if known.kind == "switch":
        return "Write true or false, without quotes."
    if known.choices:
        return f"Write one of {', '.join(known.choices)}, in quotes."
    return f'Write a text in quotes: "{value}"' if type(value) is int else "Write a text in quotes."


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - fits a line of a message
