"""When the next backup is due: five fields of cron, or ``every 6h``. Pure: the clock is passed in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice, pairwise

from cronsim import CronSim, CronSimError

from llmchat_archive.errors import ArchiveError

UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
FIELDS = 5
"""Minute, hour, day of the month, month, day of the week."""

LOOK_AHEAD = 60
"""Runs that are looked at to find the longest pause between two: weekends, and the odd months."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule: either ``cron`` in a time zone, or ``every``."""

    cron: str
    every: timedelta
    zone: tzinfo

    def next_after(self, last: datetime | None, now: datetime) -> datetime:
        """Return when the next run is due, in UTC; not after ``now`` where it is due already.

        ``last`` is when the last run began. However many were missed since, one makes up for them. A ``last`` in the
        future is of a clock that was wrong then: it counts as now. Without any, cron waits for its next time.
        """
        since = min(last, now) if last else now
        if self.every:
            return since + self.every if last else now
        return next(self._runs(since))

    def longest_pause(self, now: datetime) -> timedelta:
        """Return the longest time between two of the next runs."""
        if self.every:
            return self.every
        return max(later - earlier for earlier, later in pairwise(islice(self._runs(now), LOOK_AHEAD)))

    def _runs(self, since: datetime) -> CronRuns:
        return CronRuns(self.cron, self.zone, since)


class CronRuns:
    """The times of a cron line after a moment, in UTC and rising.

    As Debian's cron does, a time that the clock jumps over in spring is made up for right after, and one that comes
    twice in autumn counts once (https://github.com/cuu508/cronsim).
    """

    def __init__(self, cron: str, zone: tzinfo, since: datetime) -> None:
        self._since = since.astimezone(UTC)
        self._times = CronSim(cron, since.astimezone(zone))

    def __iter__(self) -> CronRuns:
        return self

    def __next__(self) -> datetime:
        while (time := next(self._times).astimezone(UTC)) <= self._since:
            pass  # in the hour that comes twice, the first one's times are past
        self._since = time
        return time


def parse_schedule(text: str, zone: tzinfo) -> Schedule:
    """Read a schedule. Raises ArchiveError (bad_job) with examples."""
    every = re.fullmatch(r"every\s+([1-9][0-9]{0,4})\s*([mhd])", text.strip())
    if every:
        return Schedule("", int(every[1]) * UNITS[every[2]], zone)
    line = " ".join(text.split())
    try:
        schedule = Schedule(line if line.count(" ") == FIELDS - 1 else "", timedelta(), zone)
        schedule.next_after(None, datetime(2026, 1, 1, tzinfo=UTC))
    except (CronSimError, StopIteration) as error:
        raise ArchiveError(
            f"'{text}' is no schedule: {error or 'that day never comes'}.",
            code="bad_job",
            hint="Examples: '30 3 * * *' (each day at 03:30), '0 */6 * * *', 'every 6h', 'every 30m'.",
        ) from error
    return schedule
