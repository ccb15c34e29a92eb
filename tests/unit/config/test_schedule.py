from __future__ import annotations

from datetime import datetime

import pytest
from cronsim import CronSim
from hypothesis import given
from hypothesis import strategies as st

from llmchat_deploy.config.schedule import Cron, Every, parse_schedule, parse_span
from llmchat_deploy.config.wrong import Wrong

HOUR, DAY = 3600, 86_400
NOW = datetime(2026, 3, 4, 5, 6, 7)  # noqa: DTZ001 - a place's own clock


def cron(text: str) -> Cron:
    found = parse_schedule(text)
    assert isinstance(found, Cron), found
    return found


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90m", 90 * 60), ("6h", 6 * HOUR), ("14d", 14 * DAY), ("2w", 14 * DAY)],
)
def test_a_time_span_is_a_number_and_a_unit(text: str, seconds: int) -> None:
    assert parse_span(text) == seconds


@pytest.mark.parametrize("text", ["", "6", "h", "0h", "-1h", "1.5h", "6 h", "6H", "1y", "٣h", "999999d"])
def test_anything_else_is_no_time_span(text: str) -> None:
    assert parse_span(text) is None


def test_an_interval_is_its_own_longest_gap() -> None:
    found = parse_schedule("every 6h")
    assert found == Every(6 * HOUR)
    assert found.longest_gap == 6 * HOUR


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        ("30 3 * * *", DAY),
        ("0 * * * *", HOUR),
        ("0 0,12 * * *", 12 * HOUR),
        ("0 9-17 * * 1-5", 64 * HOUR),  # Friday 17:00 to Monday 9:00
        ("0 4 * * sun", 7 * DAY),
        ("0 4 * * 7", 7 * DAY),
        ("0 0 1 * *", 31 * DAY),
        ("0 0 29 feb *", (4 * 365 + 1) * DAY),
    ],
)
def test_the_longest_gap_of_a_schedule_is_known(text: str, gap: int) -> None:
    assert cron(text).longest_gap == gap


fields = (
    st.sampled_from(["*", "*/7", "0", "3,59", "5-20/5"]),
    st.sampled_from(["*", "*/5", "0", "23", "9-17"]),
    st.sampled_from(["*", "1", "31", "10-12", "1,15"]),
    st.sampled_from(["*", "2", "jan,jul", "4-6", "*/2"]),
    st.sampled_from(["*", "0", "7", "mon-fri", "5,6"]),
)


@given(st.tuples(*fields).map(" ".join), st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))  # noqa: DTZ001
def test_the_next_moment_is_the_one_that_the_scheduler_finds(text: str, after: datetime) -> None:
    found = parse_schedule(text)
    if isinstance(found, Cron):
        assert found.following(after) == next(CronSim(text, after))


@pytest.mark.parametrize(
    ("text", "says", "hint"),
    [
        ("daily 03:30", "no schedule", "30 3 * * *"),
        ("@daily", "no schedule", "every 6h"),
        ("60 3 * * *", "its minute '60'", "from 0 to 59"),
        ("0 24 * * *", "its hour '24'", "from 0 to 23"),
        ("0 3 0 * *", "its day '0'", "from 1 to 31"),
        ("0 3 * foo *", "its month 'foo'", "jan, feb"),
        ("0 3 * * mon-", "its weekday 'mon-'", "sun, mon"),
        ("5-1 3 * * *", "its minute '5-1'", "from 0"),
        ("1/5 3 * * *", "its minute '1/5'", "from 0"),
        ("0 3 L * *", "its day 'l'", "from 1"),
        ("0 3 * * */2", "counts days in steps", "1,11,21"),
        ("0 0 30 2 *", "never comes", "such a day"),
        ("every day", "no interval", "every 6h"),
        ("every 2w", "no interval", "every 6h"),
        ("every 0h", "no interval", "every 6h"),
        ("every 1m", "too often", "every 5m"),
        ("* * * *", "no schedule", "30 3 * * *"),
    ],
)
def test_what_is_no_schedule_is_told_with_what_to_write(text: str, says: str, hint: str) -> None:
    found = parse_schedule(text)
    assert isinstance(found, Wrong)
    assert says in found.message
    assert hint in found.hint


def test_a_schedule_that_never_comes_again_has_no_next_moment() -> None:
    assert Cron(frozenset({0}), frozenset({0}), frozenset({30}), frozenset({2}), None).following(NOW) is None
