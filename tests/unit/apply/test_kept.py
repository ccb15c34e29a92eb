from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmchat_deploy.apply.kept import Scheduler, read_shelf
from tests.fakes import FakeHost
from tests.sidecars import FOLDER, PROJECT, put, put_state, told
from tests.unit.world import an_environment

ENVIRONMENT = an_environment()
HOUR = timedelta(hours=1)


def test_the_newest_is_the_one_with_the_highest_number_whatever_the_clock_said() -> None:
    host = FakeHost()
    put(host, 7, 3 * HOUR)
    put(host, 9, 9 * HOUR)
    put(host, 8, HOUR)
    shelf = read_shelf(ENVIRONMENT, host)
    assert [backup.sequence for backup in shelf.backups] == [9, 8, 7]
    assert (shelf.folder, shelf.warnings) == (FOLDER, ())


def test_the_folder_is_the_one_of_the_settings() -> None:
    assert read_shelf(an_environment(backup__folder="/srv/b"), FakeHost()).folder == "/srv/b"


def test_backups_of_other_environments_are_not_among_them() -> None:
    host = FakeHost()
    put(host, 1, HOUR, project=f"{PROJECT}-b")
    put(host, 2, HOUR, project="llmchat")
    host.texts[f"{FOLDER}/{PROJECT}-notes.json"] = "{}"
    shelf = read_shelf(ENVIRONMENT, host)
    assert (shelf.backups, shelf.warnings) == ((), ())


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "20260101-000000-0001"},
        {"sequence": 2},
        {"project": "other"},
        {"created_at": "yesterday"},
        {"archive": f"../{PROJECT}-x"},
        {"archive": "other.tar"},
    ],
)
def test_a_file_that_contradicts_itself_is_left_out_and_named(changed: dict[str, object]) -> None:
    host = FakeHost()
    good = put(host, 1, HOUR)
    name = f"{FOLDER}/{PROJECT}-{good}.json"
    host.texts[name] = json.dumps(json.loads(host.texts[name]) | changed)
    shelf = read_shelf(ENVIRONMENT, host)
    assert shelf.backups == ()
    assert name in shelf.warnings[0]


def test_the_newest_verified_one_and_the_last_proof_are_known() -> None:
    host = FakeHost()
    put(host, 1, 50 * HOUR, proven_at="2026-01-01T00:00:00+00:00")
    verified = put(host, 2, 20 * HOUR)
    put(host, 3, HOUR, verified_at=None)
    shelf = read_shelf(ENVIRONMENT, host)
    assert shelf.verified
    assert shelf.verified.id == verified
    assert shelf.proven_at == datetime(2026, 1, 1, tzinfo=UTC)
    put_state(host, last_drill={"id": verified, "at": "2026-02-01T00:00:00Z", "ok": True, "message": ""})
    assert read_shelf(ENVIRONMENT, host).proven_at == datetime(2026, 2, 1, tzinfo=UTC)
    put_state(host, last_drill={"id": verified, "at": "2026-02-01T00:00:00Z", "ok": False, "message": "no"})
    assert read_shelf(ENVIRONMENT, host).proven_at == datetime(2026, 1, 1, tzinfo=UTC)


def test_what_the_scheduler_noted_is_read() -> None:
    host = FakeHost()
    put_state(
        host,
        next_run="2026-01-02T03:30:00+08:00",
        last_run={"at": "2026-01-01T03:30:00", "ok": False, "kind": "scheduled", "error": {"message": "no room"}},
    )
    scheduler = read_shelf(ENVIRONMENT, host).scheduler
    assert scheduler.next_run
    assert scheduler.next_run.astimezone(UTC) == datetime(2026, 1, 1, 19, 30, tzinfo=UTC)
    assert scheduler.last_run == datetime(2026, 1, 1, 3, 30, tzinfo=UTC)
    assert (scheduler.last_ok, scheduler.last_error) == (False, "no room")


values = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.lists(st.integers(), max_size=2)
fields = sorted(told(1, datetime(2026, 1, 1, tzinfo=UTC)))


@given(st.dictionaries(st.sampled_from(fields), values | st.dictionaries(st.text(max_size=4), values)))
def test_whatever_stands_there_nothing_breaks(changed: dict[str, object]) -> None:
    host = FakeHost()
    good = put(host, 1, HOUR)
    name = f"{FOLDER}/{PROJECT}-{good}.json"
    host.texts[name] = json.dumps(json.loads(host.texts[name]) | changed)
    host.texts[f"{FOLDER}/{PROJECT}.state"] = json.dumps({"last_run": changed, "next_run": 3, "last_drill": 1})
    shelf = read_shelf(ENVIRONMENT, host)
    assert len(shelf.backups) + len(shelf.warnings) == 1


def test_what_is_no_json_is_left_out_and_named() -> None:
    host = FakeHost()
    name = f"{FOLDER}/{PROJECT}-{put(host, 1, HOUR)}.json"
    for text in ("", "[]", "nonsense", "[" * 100_000):
        host.texts[name] = host.texts[f"{FOLDER}/{PROJECT}.state"] = text
        shelf = read_shelf(ENVIRONMENT, host)
        assert (shelf.backups, shelf.scheduler, len(shelf.warnings)) == ((), Scheduler(), 1)
