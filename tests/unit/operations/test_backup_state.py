from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from llmchat_deploy.errors import HostError
from llmchat_deploy.operations.backup_state import backup_checks, backup_state
from llmchat_deploy.operations.check import Check
from tests.fakes import FakeHost
from tests.sidecars import put, put_state
from tests.unit.world import an_environment

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLAIN = an_environment()
DAILY = an_environment(backup__schedule="30 3 * * *")


def ago(host: FakeHost, span: timedelta) -> str:
    return (datetime.fromtimestamp(host.now(), UTC) - span).isoformat()


def checks(environment: object, host: FakeHost) -> dict[str, Check]:
    return {check.name: check for check in backup_checks(environment, host)}  # type: ignore[arg-type]


def test_without_a_schedule_there_is_advice_and_no_failure() -> None:
    host = FakeHost()
    (check,) = backup_checks(PLAIN, host)
    assert (check.level, check.detail) == ("ok", "none yet, and no schedule")
    assert "llmchat-deploy backup schedule" in check.hint
    put(host, 1, 90 * DAY)
    found = checks(PLAIN, host)
    assert [check.level for check in found.values()] == ["ok", "ok"]
    assert found["backups"].detail.startswith("the newest verified one is 90 days old (")
    assert "backup drill --env test" in found["restore"].hint


@pytest.mark.parametrize(("age", "level"), [(20 * HOUR, "ok"), (47 * HOUR, "ok"), (49 * HOUR, "failed")])
def test_backups_are_late_past_twice_the_interval(age: timedelta, level: str) -> None:
    host = FakeHost()
    put(host, 1, age)
    assert checks(DAILY, host)["backups"].level == level
    assert backup_state(DAILY, host).late is (level == "failed")


def test_a_schedule_with_weekends_is_late_by_its_longest_gap() -> None:
    host = FakeHost()
    put(host, 1, 100 * HOUR)
    assert checks(an_environment(backup__schedule="0 17 * * 1-5"), host)["backups"].level == "ok"
    assert checks(an_environment(backup__schedule="every 6h"), host)["backups"].level == "failed"


def test_only_a_verified_backup_counts() -> None:
    host = FakeHost()
    put(host, 1, 60 * HOUR)
    put(host, 2, HOUR, verified_at=None)
    put_state(host, last_run={"at": ago(host, HOUR), "ok": False, "error": {"message": "no room"}})
    check = checks(DAILY, host)["backups"]
    assert check.level == "failed"
    assert check.detail.endswith("one is due every 24 h: no room")
    assert check.hint == "llmchat-deploy logs backup --env test --tail 50"


def test_a_failure_that_is_not_late_yet_is_a_warning() -> None:
    host = FakeHost()
    put(host, 1, 20 * HOUR)
    put_state(host, last_run={"at": ago(host, HOUR), "ok": False, "error": "the copy is damaged"})
    check = checks(DAILY, host)["backups"]
    assert check.level == "warning"
    assert "the last one failed: the copy is damaged" in check.detail


def test_before_the_first_one_is_due_nothing_failed() -> None:
    host = FakeHost()
    put_state(host, next_run=ago(host, -HOUR))
    check = checks(DAILY, host)["backups"]
    assert (check.level, check.detail) == (
        "warning",
        "none is verified; the first one is due at 2027-01-15T09:00:00+00:00",
    )
    assert checks(DAILY, FakeHost())["backups"].detail == "none is verified; none was due yet"


@pytest.mark.parametrize("state", [{"next_run": 49}, {"last_run": {"ok": False, "error": "no room"}}])
def test_a_first_one_that_failed_or_never_came_is_a_failure(state: dict[str, object]) -> None:
    host = FakeHost()
    put_state(host, **({"next_run": ago(host, 49 * HOUR)} if "next_run" in state else state))
    assert checks(DAILY, host)["backups"].level == "failed"


@pytest.mark.parametrize(
    ("proven", "first", "level", "says"),
    [
        (3 * DAY, 30 * DAY, "ok", "3 days ago"),
        (15 * DAY, 30 * DAY, "failed", "15 days ago"),
        (None, 13 * DAY, "ok", "no backup was restored"),
        (None, 15 * DAY, "failed", "no backup was restored"),
    ],
)
def test_a_restore_has_to_be_proved_within_twice_its_days(
    proven: timedelta | None, first: timedelta, level: str, says: str
) -> None:
    host = FakeHost()
    put(host, 1, first)
    put(host, 2, HOUR, proven_at=ago(host, proven) if proven else None)
    check = checks(DAILY, host)["restore"]
    assert check.level == level
    assert says in check.detail
    never = an_environment(backup__schedule="30 3 * * *", backup__drill_every=0)
    assert checks(never, host)["restore"].level == "ok"


def test_a_drill_that_failed_fails_the_check() -> None:
    host = FakeHost()
    put(host, 1, HOUR, proven_at=ago(host, DAY))
    put_state(host, last_drill={"id": "x", "at": ago(host, HOUR), "ok": False, "message": "it didn't start"})
    check = checks(DAILY, host)["restore"]
    assert (check.level, check.detail) == ("failed", "the last try failed: it didn't start")


@pytest.mark.parametrize(
    ("free", "size", "environment", "level"),
    [
        (2**29, 1, DAILY, "failed"),
        (2**29, 1, PLAIN, "warning"),
        (2**33, 5 * 2**30, DAILY, "failed"),
        (2**33, 2**30, DAILY, None),
    ],
)
def test_the_disk_should_hold_two_more(free: int, size: int, environment: object, level: str | None) -> None:
    host = FakeHost(free=free)
    put(host, 1, HOUR, bytes=size)
    found = checks(environment, host).get("backup disk")
    assert (found.level if found else None) == level


@dataclass
class ClosedHost(FakeHost):
    def read_folder(self, path: str, ending: str) -> dict[str, str]:
        raise HostError(f"{path} can't be read: Permission denied.", hint="Look at it.")


def test_a_folder_that_cannot_be_read_is_told_and_stops_nothing() -> None:
    (check,) = backup_checks(DAILY, ClosedHost())
    assert (check.level, check.hint) == ("failed", "Look at it.")
    assert backup_checks(PLAIN, ClosedHost())[0].level == "warning"
    assert "Permission denied" in backup_state(PLAIN, ClosedHost()).detail


def test_a_schedule_that_is_none_counts_as_daily() -> None:
    """Status shows what it can of an environment whose files are wrong."""
    host = FakeHost()
    put(host, 1, 40 * HOUR)
    assert not backup_state(an_environment(backup__schedule="sometimes"), host).late
