"""When backups are due, through missed runs, wrong clocks and the two days a year that aren't 24 hours long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llmchat_archive.errors import ArchiveError
from llmchat_archive.schedule import parse_schedule

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)


def due(schedule: str, last: str | None, now: str, zone: ZoneInfo = PARIS) -> str:
    parsed = parse_schedule(schedule, zone)
    found = parsed.next_after(datetime.fromisoformat(last) if last else None, datetime.fromisoformat(now))
    return found.isoformat(timespec="minutes")


def test_a_time_of_day_is_the_operators() -> None:
    assert due("30 3 * * *", None, "2026-05-20T12:00+00:00") == "2026-05-21T01:30+00:00"
    assert due("30 3 * * *", None, "2026-05-20T12:00+00:00", ZoneInfo("Asia/Shanghai")) == "2026-05-20T19:30+00:00"


def test_a_missed_run_is_due_at_once_and_only_once() -> None:
    assert due("30 3 * * *", "2026-05-10T01:30+00:00", "2026-05-20T12:00+00:00") == "2026-05-11T01:30+00:00"
    assert due("30 3 * * *", "2026-05-20T12:00+00:00", "2026-05-20T12:01+00:00") == "2026-05-21T01:30+00:00"


def test_a_span_counts_from_the_last_run_and_starts_at_once() -> None:
    assert due("every 6h", None, "2026-05-20T12:00+00:00") == "2026-05-20T12:00+00:00"
    assert due("every 6h", "2026-05-20T10:00+00:00", "2026-05-20T12:00+00:00") == "2026-05-20T16:00+00:00"
    assert due("every 30m", "2026-05-18T10:00+00:00", "2026-05-20T12:00+00:00") == "2026-05-18T10:30+00:00"


@pytest.mark.parametrize("schedule", ["30 3 * * *", "every 6h"])
def test_a_last_run_in_the_future_does_not_stop_backups(schedule: str) -> None:
    assert due(schedule, "2027-05-20T12:00+00:00", "2026-05-20T12:00+00:00") < "2026-05-21T12:00"


def test_a_time_that_spring_leaves_out_is_made_up_for() -> None:
    assert due("30 2 * * *", None, "2026-03-28T12:00+00:00") == "2026-03-29T01:00+00:00"  # 03:00 in summer time


def test_a_time_that_autumn_has_twice_counts_once() -> None:
    first = due("30 2 * * *", None, "2026-10-24T12:00+00:00")

    assert first == "2026-10-25T00:30+00:00"
    assert due("30 2 * * *", first, first) == "2026-10-26T01:30+00:00"
    assert due("30 2 * * *", None, "2026-10-25T01:15+00:00") == "2026-10-26T01:30+00:00"  # the second 02:15


@pytest.mark.parametrize(
    ("schedule", "pause"),
    [
        ("30 3 * * *", timedelta(hours=24)),
        ("0 3 * * 1-5", timedelta(days=3)),
        ("0 */6 * * *", timedelta(hours=6)),
        ("every 30m", timedelta(minutes=30)),
    ],
)
def test_the_longest_pause_is_known(schedule: str, pause: timedelta) -> None:
    assert parse_schedule(schedule, ZoneInfo("Asia/Shanghai")).longest_pause(NOW) == pause


@pytest.mark.parametrize("text", ["", "daily", "every 0h", "every 6 weeks", "99 3 * * *", "0 0 30 2 *", "* * * * * *"])
def test_what_is_no_schedule_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ArchiveError, match="is no schedule") as refused:
        parse_schedule(text, UTC)

    assert refused.value.code == "bad_job"
    assert "every 6h" in refused.value.hint


TIMES = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - given UTC


@given(st.sampled_from(["30 3 * * *", "30 2 * * *", "*/20 * * * *", "0 1,2,3 * * *", "every 6h"]), TIMES)
def test_runs_one_after_the_other_always_move_on(schedule: str, now: datetime) -> None:
    parsed = parse_schedule(schedule, PARIS)
    for _ in range(5):
        later = parsed.next_after(now, now)
        assert timedelta() < later - now <= timedelta(hours=26)
        now = later
