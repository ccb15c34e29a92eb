from __future__ import annotations

from datetime import timedelta

import pytest

from llmchat_deploy.errors import ArchiveFailed
from llmchat_deploy.operations.backup_list import list_backups, show
from tests.fakes import FakeHost
from tests.sidecars import FOLDER, PROJECT, put, put_state
from tests.unit.world import an_environment

ENVIRONMENT = an_environment()
HOUR = timedelta(hours=1)


@pytest.fixture
def host() -> FakeHost:
    host = FakeHost()
    put(host, 1, 50 * HOUR, remotes={"offsite": {"state": "confirmed", "at": "x"}})
    put(host, 2, 26 * HOUR, proven_at="2026-01-01T00:00:00+00:00")
    put(host, 12, 2 * HOUR, verified_at=None, kind="manual", label="before the fair")
    return host


def test_the_newest_comes_first_with_its_age_and_what_is_known(host: FakeHost) -> None:
    data = list_backups(ENVIRONMENT, host).data
    newest, *_, oldest = data.backups
    assert (newest.age, newest.kind, newest.label, newest.verified_at) == (7200, "manual", "before the fair", None)
    assert oldest.remotes == {"offsite": "confirmed"}
    assert (data.bytes, data.folder, data.next_run) == (6_000_000, FOLDER, None)
    assert all(row.there for row in data.backups)


def test_an_archive_that_has_gone_is_seen(host: FakeHost) -> None:
    put(host, 13, HOUR, archive=False)
    assert [row.there for row in list_backups(ENVIRONMENT, host).data.backups] == [False, True, True, True]


def test_with_a_schedule_the_next_one_is_told(host: FakeHost) -> None:
    put_state(host, next_run="2026-12-01T03:30:00+08:00")
    data = list_backups(an_environment(backup__schedule="30 3 * * *"), host).data
    assert data.next_run == "2026-11-30T19:30:00+00:00"


def test_none_is_an_empty_list() -> None:
    assert list_backups(ENVIRONMENT, FakeHost()).data.backups == ()


@pytest.mark.parametrize("wanted", ["2", "0002", "latest"])
def test_a_backup_is_named_by_its_number_or_as_the_latest_verified_one(host: FakeHost, wanted: str) -> None:
    data = show(ENVIRONMENT, host, wanted).data
    assert data.backup.id.endswith("-0002")
    assert data.path == f"{FOLDER}/{PROJECT}-{data.backup.id}.tar.zst.age"
    assert data.sidecar["contents"]["rows"] == {"messages": 40, "users": 3}
    assert show(ENVIRONMENT, host, data.backup.id).data == data


def test_an_unknown_one_is_told_with_the_nearest(host: FakeHost) -> None:
    known = list_backups(ENVIRONMENT, host).data.backups[0].id
    with pytest.raises(ArchiveFailed) as failure:
        show(ENVIRONMENT, host, known[:-1] + "3")
    assert (failure.value.code, failure.value.hint) == ("not_found", f"Did you mean {known}?")
    with pytest.raises(ArchiveFailed) as failure:
        show(ENVIRONMENT, host, "x")
    assert "backup list" in failure.value.hint


def test_no_backup_at_all_is_told_with_how_to_make_one() -> None:
    with pytest.raises(ArchiveFailed) as failure:
        show(ENVIRONMENT, FakeHost(), "latest")
    assert failure.value.hint.startswith("Make one: llmchat-deploy backup --env test")


def test_the_latest_is_never_one_that_nobody_verified() -> None:
    host = FakeHost()
    put(host, 1, HOUR, verified_at=None)
    with pytest.raises(ArchiveFailed, match="no verified backup"):
        show(ENVIRONMENT, host, "latest")
