"""Which backups stay: a pure decision, with the reasons for each one.

The calendar rules are restic's (``internal/data/snapshot_policy.go``): the newest backup of each hour, day, ISO week,
month and year fills a place, the oldest one stays while places are free, and what any rule wants stays. Beyond restic:
only verified backups fill places, order is by sequence number and never by time, and a clock that can't be right drops
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from llmchat_archive.errors import ArchiveError

GRACE = timedelta(days=7)
"""How long unverified backups stay, those made before a restore or an update, and everything after a clock jump."""

JUMP = timedelta(days=30)
"""Two backups made one after the other, or the newest and now, are seldom further apart: the clock may have jumped."""

SKEW = timedelta(minutes=5)
"""How far ahead a backup may be dated: a clock that is set right by a time server moves a little."""

KEPT_FOR_A_WHILE = {"pre-restore": "made before a restore", "pre-update": "made before an update"}
WITHOUT_PLACE = frozenset({"pre-restore"})
"""Kinds that fill no place: what a restore replaced must not push out that day's backup."""

COUNTS = ("last", "hourly", "daily", "weekly", "monthly", "yearly")


@dataclass(frozen=True, slots=True)
class Backup:
    """What the decision needs to know of a backup. Times are aware, and those of the clock of then."""

    id: str
    sequence: int
    kind: str
    created_at: datetime
    verified: bool
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """How many backups stay for each rule (0: the rule is off), ``within`` of the newest one, in which calendar."""

    last: int = 0
    hourly: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0
    yearly: int = 0
    within: timedelta = timedelta()
    calendar: tzinfo = field(default=UTC)

    @property
    def empty(self) -> bool:
        """Whether no rule is on: then all stays."""
        return not self.within and not any(getattr(self, name) for name in COUNTS)

    @classmethod
    def from_json(cls, data: Mapping[str, Any], timezone: str) -> Policy:
        """Read the policy of a job: counts, and ``within`` in seconds. Raises ArchiveError (bad_job)."""
        try:
            counts = {name: int(data.get(name) or 0) for name in COUNTS}
            within = timedelta(seconds=int(data.get("within") or 0))
        except (TypeError, ValueError, OverflowError) as error:
            raise ArchiveError(
                f"The retention policy has a value that isn't a number: {error}.", code="bad_job"
            ) from error
        if min(*counts.values(), within.total_seconds()) < 0:
            raise ArchiveError("The retention policy has a value below zero.", code="bad_job")
        return cls(**counts, within=within, calendar=zone(timezone))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a backup stays, and why."""

    id: str
    keep: bool
    reasons: tuple[str, ...]


def zone(name: str) -> tzinfo:
    """Return a timezone by its IANA name, UTC for the empty name. Raises ArchiveError (bad_job) where there is none."""
    if name in ("", "UTC"):
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ArchiveError(
            f"There is no timezone '{name}'.",
            code="bad_job",
            hint="backup.timezone takes names like Asia/Shanghai or Europe/Paris.",
        ) from error


def decide(backups: Sequence[Backup], policy: Policy, now: datetime) -> list[Verdict]:
    """Return a verdict on each backup of one project, the newest first.

    ``now`` is aware. With an empty policy, or while :func:`doubts` has any, all stays.
    """
    ordered = sorted(backups, key=lambda backup: backup.sequence, reverse=True)
    reasons: dict[str, list[str]] = {backup.id: [] for backup in ordered}
    held = "no rule is set" if policy.empty else next((text for _, text in doubts(ordered, now)), "")
    _protect(ordered, now, reasons)
    _fill(ordered, policy, now, reasons)
    return [
        Verdict(backup.id, keep=True, reasons=tuple(why))
        if (why := [*reasons[backup.id], *([held] if held else [])])
        else Verdict(backup.id, keep=False, reasons=(_why_dropped(backup, now),))
        for backup in ordered
    ]


def doubts(backups: Sequence[Backup], now: datetime) -> list[tuple[str, str]]:
    """Return why the clock can't be trusted with dropping anything, as (code, text); none where it can."""
    ordered = sorted(backups, key=lambda backup: backup.sequence, reverse=True)
    if not ordered:
        return []
    newest = ordered[0]
    if newest.created_at > now + SKEW:
        return [("clock_behind", f"the clock is behind the newest backup, {newest.id}: nothing is dropped")]
    if now - newest.created_at > JUMP:
        days = (now - newest.created_at).days
        return [("clock_jump", f"the newest backup is {days} days old, or the clock jumped: nothing is dropped")]
    return _jumps(ordered, now)


def _jumps(ordered: Sequence[Backup], now: datetime) -> list[tuple[str, str]]:
    """Find a jump forward between two backups made one after the other, while the later one is young.

    Only neighbours by sequence number tell: between others something may have been dropped. A schedule that makes its
    backups so far apart all the time is no jump, and a backup from the future is one that is over.
    """
    gaps = [
        (later.created_at - earlier.created_at, later)
        for later, earlier in pairwise(ordered)
        if later.sequence == earlier.sequence + 1
    ]
    for index, (gap, later) in enumerate(gaps):
        usual = max((other for at, (other, _) in enumerate(gaps) if at != index), default=timedelta())
        if gap > JUMP and gap > 2 * usual and -SKEW <= now - later.created_at < GRACE:
            text = (
                f"{later.id} comes {gap.days} days after the backup before it, or the clock jumped: nothing is dropped"
            )
            return [("clock_jump", text)]
    return []


def _protect(ordered: Sequence[Backup], now: datetime, reasons: dict[str, list[str]]) -> None:
    """Add what keeps a backup whatever the policy says."""
    for backup in ordered:
        why = reasons[backup.id]
        if backup.pinned:
            why.append("pinned")
        if backup.created_at > now + SKEW:
            why.append("dated in the future")
        young = now - backup.created_at < GRACE
        if young and not backup.verified:
            why.append(f"unverified, kept {GRACE.days} days")
        if young and backup.kind in KEPT_FOR_A_WHILE:
            why.append(f"{KEPT_FOR_A_WHILE[backup.kind]}, kept {GRACE.days} days")
    verified = [backup for backup in ordered if backup.verified]
    for name in {backup.id for backup in (*verified[:1], *_eligible(verified, now)[:1])}:
        reasons[name].append("newest verified")


def _eligible(ordered: Sequence[Backup], now: datetime) -> list[Backup]:
    """Return the backups that fill places: verified, and not dated in the future."""
    return [
        backup
        for backup in ordered
        if backup.verified and backup.created_at <= now + SKEW and backup.kind not in WITHOUT_PLACE
    ]


def _fill(ordered: Sequence[Backup], policy: Policy, now: datetime, reasons: dict[str, list[str]]) -> None:
    eligible = _eligible(ordered, now)
    if not eligible:
        return
    if policy.within:
        oldest_wanted = eligible[0].created_at - policy.within
        for backup in eligible:
            if backup.created_at >= oldest_wanted:
                reasons[backup.id].append(f"within {_duration(policy.within)} of the newest")
    for name, bucket in _BUCKETS.items():
        count = getattr(policy, name)
        filled: set[object] = set()
        for backup in eligible:
            place = bucket(backup, backup.created_at.astimezone(policy.calendar))
            if len(filled) < count and place not in filled:
                filled.add(place)
                reasons[backup.id].append(f"{name} {len(filled)} of {count}")
        if len(filled) < count and not any(text.startswith(name) for text in reasons[eligible[-1].id]):
            reasons[eligible[-1].id].append(f"oldest, while {name} has places")


_BUCKETS: dict[str, Callable[[Backup, datetime], object]] = {
    "last": lambda backup, _: backup.sequence,
    "hourly": lambda _, at: (at.date(), at.hour, at.utcoffset()),
    "daily": lambda _, at: at.date(),
    "weekly": lambda _, at: at.isocalendar()[:2],
    "monthly": lambda _, at: (at.year, at.month),
    "yearly": lambda _, at: at.year,
}


def _why_dropped(backup: Backup, now: datetime) -> str:
    if not backup.verified:
        return f"unverified for {(now - backup.created_at).days} days"
    return "no rule keeps it"


def _duration(length: timedelta) -> str:
    hours = int(length.total_seconds()) // 3600
    return f"{hours // 24} days" if hours >= 24 and hours % 24 == 0 else f"{hours} hours"  # noqa: PLR2004 - hours of a day
