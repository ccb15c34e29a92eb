"""Which backups stay, and that no policy and no clock ever costs the last good one."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llmchat_archive.errors import ArchiveError
from llmchat_archive.retention import COUNTS, Backup, Policy, Verdict, decide, doubts

NOW = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)  # a Wednesday
DAY = timedelta(days=1)


def backup(
    sequence: int, created_at: datetime, kind: str = "scheduled", *, verified: bool = True, pinned: bool = False
) -> Backup:
    return Backup(f"{created_at:%Y%m%d-%H%M%S}-{sequence:04}", sequence, kind, created_at, verified, pinned)


def series(count: int, step: timedelta = DAY, newest: datetime = NOW) -> list[Backup]:
    """The newest first, as a person would read them."""
    return [backup(count - index, newest - index * step) for index in range(count)]


def kept(verdicts: list[Verdict]) -> list[int]:
    return [int(verdict.id.rpartition("-")[2]) for verdict in verdicts if verdict.keep]


def reasons(verdicts: list[Verdict], backup: Backup) -> tuple[str, ...]:
    return next(verdict.reasons for verdict in verdicts if verdict.id == backup.id)


def test_the_newest_of_each_day_stays_and_each_verdict_says_why() -> None:
    backups = [backup(4, NOW), backup(3, NOW - timedelta(hours=5)), backup(2, NOW - DAY), backup(1, NOW - 2 * DAY)]

    verdicts = decide(backups, Policy(daily=2), NOW)

    assert verdicts == [
        Verdict(backups[0].id, keep=True, reasons=("newest verified", "daily 1 of 2")),
        Verdict(backups[1].id, keep=False, reasons=("no rule keeps it",)),
        Verdict(backups[2].id, keep=True, reasons=("daily 2 of 2",)),
        Verdict(backups[3].id, keep=False, reasons=("no rule keeps it",)),
    ]


@pytest.mark.parametrize(
    ("policy", "step", "stay"),
    [
        (Policy(last=2), DAY, [10, 9]),
        (Policy(hourly=3), timedelta(minutes=30), [10, 9, 7]),
        (Policy(weekly=2), DAY, [10, 7]),
        (Policy(monthly=2), 10 * DAY, [10, 8]),
        (Policy(yearly=2), 20 * DAY, [10, 3]),
        (Policy(within=3 * DAY), DAY, [10, 9, 8, 7]),
        (Policy(last=1, weekly=2), DAY, [10, 7]),
    ],
)
def test_each_rule_keeps_the_newest_of_its_period(policy: Policy, step: timedelta, stay: list[int]) -> None:
    assert kept(decide(series(10, step), policy, NOW)) == stay


def test_the_oldest_stays_while_a_rule_has_places() -> None:
    backups = series(10)

    verdicts = decide(backups, Policy(monthly=3), NOW)

    assert kept(verdicts) == [10, 1]
    assert reasons(verdicts, backups[-1]) == ("oldest, while monthly has places",)


def test_a_day_begins_where_the_operator_lives() -> None:
    late = datetime(2026, 5, 19, 17, 0, tzinfo=UTC)  # 01:00 of the 20th in Shanghai, still the 19th in UTC
    backups = [backup(3, NOW), backup(2, late), backup(1, NOW - 3 * DAY)]

    assert kept(decide(backups, Policy(daily=2), NOW)) == [3, 2]
    assert kept(decide(backups, Policy(daily=2, calendar=ZoneInfo("Asia/Shanghai")), NOW)) == [3, 1]


def test_an_empty_policy_drops_nothing() -> None:
    backups = series(3)

    assert reasons(decide(backups, Policy(), NOW), backups[2]) == ("no rule is set",)


def test_unverified_backups_fill_no_place_and_stay_a_week() -> None:
    backups = [
        backup(4, NOW, verified=False),
        backup(3, NOW - DAY),
        backup(2, NOW - 6 * DAY, verified=False),
        backup(1, NOW - 8 * DAY, verified=False),
    ]

    verdicts = decide(backups, Policy(last=1), NOW)

    assert kept(verdicts) == [4, 3, 2]
    assert reasons(verdicts, backups[1]) == ("newest verified", "last 1 of 1")
    assert reasons(verdicts, backups[3]) == ("unverified for 8 days",)


@pytest.mark.parametrize("kind", ["pre-restore", "pre-update"])
def test_what_was_made_before_a_change_stays_a_week(kind: str) -> None:
    old = [replace(backup, kind=kind) for backup in series(9)[1:]]

    assert kept(decide([backup(10, NOW), *old], Policy(last=1), NOW)) == [10, 8, 7, 6, 5, 4, 3]


def test_what_a_restore_replaced_does_not_push_out_the_backup_of_its_day() -> None:
    replaced = backup(2, NOW - timedelta(hours=1), kind="pre-restore")

    assert kept(decide([replaced, backup(1, NOW - timedelta(hours=2))], Policy(daily=1), NOW)) == [2, 1]


def test_a_pinned_backup_stays() -> None:
    backups = series(20)
    backups[-1] = replace(backups[-1], pinned=True)

    assert kept(decide(backups, Policy(last=1), NOW)) == [20, 1]


def test_a_backup_from_the_future_fills_no_place_and_is_not_dropped() -> None:
    backups = [backup(3, NOW), backup(2, NOW + 300 * DAY), backup(1, NOW - DAY)]

    verdicts = decide(backups, Policy(last=2), NOW)

    assert kept(verdicts) == [3, 2, 1]
    assert reasons(verdicts, backups[1]) == ("dated in the future",)


@pytest.mark.parametrize(
    ("backups", "code"),
    [
        (series(9, newest=NOW + DAY), "clock_behind"),
        (series(9, newest=NOW - 31 * DAY), "clock_jump"),
        ([backup(9, NOW), *series(8, newest=NOW - 365 * DAY)], "clock_jump"),
        ([backup(10, NOW), backup(9, NOW - 6 * DAY), *series(8, newest=NOW - 365 * DAY)], "clock_jump"),
    ],
    ids=[
        "now is before the newest",
        "the newest is old",
        "the newest is far from the one before",
        "so was a young one",
    ],
)
def test_nothing_is_dropped_while_the_clock_may_be_wrong(backups: list[Backup], code: str) -> None:
    assert [found for found, _ in doubts(backups, NOW)] == [code]
    assert all(verdict.keep for verdict in decide(backups, Policy(last=1), NOW))


@pytest.mark.parametrize(
    "backups",
    [
        [*series(5), *series(5, newest=NOW - 400 * DAY)][:5],
        [backup(900, NOW), backup(899, NOW - DAY), backup(500, NOW - 400 * DAY)],
        series(12, 31 * DAY),
        [backup(10, NOW), backup(9, NOW - 8 * DAY), *series(8, newest=NOW - 365 * DAY)],
        [],
    ],
    ids=["daily", "others were dropped between", "monthly", "a week after the jump", "none"],
)
def test_a_usual_history_raises_no_doubt(backups: list[Backup]) -> None:
    assert doubts(backups, NOW) == []


@pytest.mark.parametrize("policy", [{"daily": "many"}, {"weekly": -1}, {"within": "3d"}])
def test_a_policy_that_is_none_is_refused(policy: dict[str, object]) -> None:
    with pytest.raises(ArchiveError) as refused:
        Policy.from_json(policy, "")

    assert refused.value.code == "bad_job"


def test_a_timezone_that_is_none_is_refused_with_an_example() -> None:
    with pytest.raises(ArchiveError, match="no timezone 'Mars/Crater'") as refused:
        Policy.from_json({"daily": 1}, "Mars/Crater")

    assert "Asia/Shanghai" in refused.value.hint


BACKUPS = st.lists(
    st.tuples(
        st.integers(-90 * 24, 200),  # hours from NOW
        st.sampled_from(["scheduled", "manual", "pre-update", "pre-restore"]),
        st.booleans(),
        st.sampled_from([False, False, False, True]),
    ),
    max_size=25,
).map(
    lambda rows: [
        backup(at, NOW + timedelta(hours=hours), kind, verified=verified, pinned=pinned)
        for at, (hours, kind, verified, pinned) in enumerate(rows, start=1)
    ]
)
"""Clocks of any kind: the times need not follow the sequence."""

POLICIES = st.builds(
    Policy,
    **{name: st.integers(0, 4) for name in COUNTS},
    within=st.sampled_from([timedelta(), timedelta(hours=5), 10 * DAY]),
)
CLOCKS = st.integers(-2000, 2000).map(lambda hours: NOW + timedelta(hours=hours))


def stays(backups: list[Backup], policy: Policy, now: datetime) -> list[Backup]:
    keep = {verdict.id for verdict in decide(backups, policy, now) if verdict.keep}
    return [backup for backup in backups if backup.id in keep]


@given(BACKUPS, POLICIES, CLOCKS)
def test_the_newest_verified_is_never_dropped(backups: list[Backup], policy: Policy, now: datetime) -> None:
    verified = [backup for backup in backups if backup.verified]

    assert not verified or max(verified, key=lambda backup: backup.sequence) in stays(backups, policy, now)


@given(BACKUPS, POLICIES, CLOCKS)
def test_a_second_run_drops_nothing_more(backups: list[Backup], policy: Policy, now: datetime) -> None:
    once = stays(backups, policy, now)

    assert stays(once, policy, now) == once


@given(BACKUPS, POLICIES, CLOCKS, st.sampled_from([field.name for field in fields(Policy) if field.name in COUNTS]))
def test_a_more_generous_policy_keeps_at_least_as_much(
    backups: list[Backup], policy: Policy, now: datetime, rule: str
) -> None:
    if policy.empty:
        return
    more = replace(policy, **{rule: getattr(policy, rule) + 1}, within=policy.within + DAY)

    assert set(stays(backups, policy, now)) <= set(stays(backups, more, now))


@given(BACKUPS, POLICIES, st.integers(1, 4000))
def test_a_clock_behind_or_far_ahead_drops_nothing(backups: list[Backup], policy: Policy, hours: int) -> None:
    if not backups:
        return
    newest = backups[-1].created_at

    for now in (newest - timedelta(hours=hours), newest + timedelta(days=30, hours=hours)):
        assert stays(backups, policy, now) == backups


@given(BACKUPS, POLICIES, CLOCKS)
def test_every_verdict_has_its_reason(backups: list[Backup], policy: Policy, now: datetime) -> None:
    assert all(verdict.reasons for verdict in decide(backups, policy, now))
