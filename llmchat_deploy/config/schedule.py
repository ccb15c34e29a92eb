"""When backups are made: the five fields of cron (crontab(5)), or ``every 6h``.

Only what every cron understands alike is accepted, so that the tool and the scheduler in its container agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from llmchat_deploy.config.wrong import Wrong

DAY = 86_400
UNITS = {"m": 60, "h": 3600, "d": DAY, "w": 7 * DAY}
LEAST_INTERVAL = 300
EXAMPLES = "Write '30 3 * * *' for daily at 03:30, '0 4 * * sun' for Sundays at 4:00, or 'every 6h'."

_SPAN = re.compile(r"([1-9][0-9]{0,4})([mhdw])")
_PART = re.compile(r"(?:(?P<all>\*)|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>[1-9][0-9]?))?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_NAMES = {
    "month": dict(zip(_MONTHS, range(1, 13), strict=True)),
    "weekday": dict(zip(_WEEKDAYS, range(7), strict=True)),
}
_RANGES = {"minute": (0, 59), "hour": (0, 23), "day": (1, 31), "month": (1, 12), "weekday": (0, 7)}
_LOOK_AHEAD = 8 * 366
"""Days within which each date comes that comes at all: 29 February may be eight years away."""


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again, that many seconds after the last time."""

    seconds: int

    @property
    def longest_gap(self) -> int:
        """Return the seconds that may pass between two backups."""
        return self.seconds


@dataclass(frozen=True, slots=True)
class Cron:
    """Moments of the local clock. With both a day of the month and a weekday, either of them is enough, as in cron."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int] | None
    months: frozenset[int]
    weekdays: frozenset[int] | None

    def following(self, after: datetime) -> datetime | None:
        """Return the first moment after ``after`` (both on the schedule's own clock), None where there is none."""
        for day in self._days(after.date()):
            for hour in sorted(self.hours):
                for minute in sorted(self.minutes):
                    moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=after.tzinfo)
                    if moment > after:
                        return moment
        return None

    @property
    def longest_gap(self) -> int:
        """Return the seconds that may pass between two backups."""
        minutes = sorted(60 * hour + minute for hour in self.hours for minute in self.minutes)
        days = list(self._days(date(2024, 1, 1)))  # a leap year: its 29 February is among them
        apart = max(((later - earlier).days for earlier, later in pairwise(days)), default=_LOOK_AHEAD)
        within = max((later - earlier for earlier, later in pairwise(minutes)), default=0)
        return 60 * max(within, apart * 1440 - (minutes[-1] - minutes[0]))

    def _days(self, first: date) -> Iterator[date]:
        for offset in range(_LOOK_AHEAD):
            day = first + timedelta(days=offset)
            if day.month in self.months and self._has(day):
                yield day

    def _has(self, day: date) -> bool:
        in_month = self.days is None or day.day in self.days
        in_week = self.weekdays is None or day.isoweekday() % 7 in self.weekdays
        if self.days is None or self.weekdays is None:
            return in_month and in_week
        return in_month or in_week


Schedule = Every | Cron


def parse_span(text: str) -> int | None:
    """Return the seconds of a time span such as ``90m``, ``6h``, ``14d`` or ``2w``; None where it is none."""
    match = _SPAN.fullmatch(text)
    return int(match[1]) * UNITS[match[2]] if match else None


def parse_schedule(text: str) -> Schedule | Wrong:
    """Return when backups are made, or what is wrong with it."""
    words = text.split()
    return _every(text, "".join(words[1:])) if words[:1] == ["every"] else _cron(text, words)


def _every(text: str, span: str) -> Every | Wrong:
    seconds = parse_span(span)
    if seconds is None or span.endswith("w"):
        return Wrong(f"{text!r} is no interval", "Write a whole number and m, h or d: every 6h")
    if seconds < LEAST_INTERVAL:
        return Wrong(f"{text!r} is too often", "Write at least every 5m.")
    return Every(seconds)


def _cron(text: str, words: list[str]) -> Cron | Wrong:
    if len(words) != len(_RANGES):
        return Wrong(f"{text!r} is no schedule", EXAMPLES)
    fields: dict[str, frozenset[int]] = {}
    for name, word in zip(_RANGES, words, strict=True):
        values = _field(name, word.lower())
        if isinstance(values, Wrong):
            return values
        fields[name] = values
    if "*/" in words[2] or "*/" in words[4]:
        return Wrong(f"{text!r} counts days in steps, which crons read differently", "Write the days: 1,11,21")
    cron = Cron(
        fields["minute"],
        fields["hour"],
        None if words[2] == "*" else fields["day"],
        fields["month"],
        None if words[4] == "*" else frozenset(day % 7 for day in fields["weekday"]),
    )
    if cron.following(datetime(2024, 1, 1)) is None:  # noqa: DTZ001 - a day that no place's calendar has
        return Wrong(f"{text!r} never comes", "Is there such a day in that month?")
    return cron


def _field(name: str, word: str) -> frozenset[int] | Wrong:
    low, high = _RANGES[name]
    values: set[int] = set()
    for part in word.split(","):
        match = _PART.fullmatch(part)
        first, last = (low, high) if match and match["all"] else (_number(name, match, "first"), _end(name, match))
        if not match or first is None or last is None or not low <= first <= last <= high:
            of = f" ({', '.join(_NAMES[name])})" if name in _NAMES else ""
            return Wrong(f"its {name} {part!r} is none", f"Write numbers from {low} to {high}{of}. {EXAMPLES}")
        values |= set(range(first, last + 1, int(match["step"] or 1)))
    return frozenset(values)


def _end(name: str, match: re.Match[str] | None) -> int | None:
    if match and match["last"] is None:
        return None if match["step"] else _number(name, match, "first")
    return _number(name, match, "last")


def _number(name: str, match: re.Match[str] | None, group: str) -> int | None:
    text = match[group] if match else ""
    if text in _NAMES.get(name, {}):
        return _NAMES[name][text]
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 2 else None  # noqa: PLR2004 - two digits
