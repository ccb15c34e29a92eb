"""Whether a key opens the backups, tried before it is needed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from llmchat_archive.age import new_identity

from llmchat_deploy.errors import ArchiveFailed
from llmchat_deploy.host import age_keys
from llmchat_deploy.operations.backup_check import check
from llmchat_deploy.secret import Secret
from tests.fake_archives import FakeArchives, a_header
from tests.fakes import FakeHost
from tests.sidecars import FOLDER, put
from tests.unit.world import an_environment

SECRET, PUBLIC = new_identity()


def checked(host: FakeHost, *keys: str):
    archives = FakeArchives({path: a_header() for path in host.texts}, key=SECRET)
    return check(an_environment(), host, archives, [Secret(key) for key in keys], age_keys)


def test_the_key_opens_the_newest(host):
    newest = put(host, 2, timedelta(hours=1), recipients=[PUBLIC])

    data = checked(host, SECRET).data

    assert (data.backup, data.encrypted, data.recipient) == (newest, True, PUBLIC)


@pytest.fixture
def host() -> FakeHost:
    host = FakeHost()
    put(host, 1, timedelta(hours=9))
    return host


@pytest.mark.parametrize(
    ("keys", "code"),
    [((), "key_missing"), ((new_identity()[0],), "wrong_key"), (("AGE-SECRET-KEY-1X",), "key_missing")],
)
def test_no_key_or_another_ones(host, keys, code):
    with pytest.raises(ArchiveFailed) as failure:
        checked(host, *keys)

    assert failure.value.code == code
    assert not any(key in failure.value.message for key in keys)


def test_an_unencrypted_one_is_opened_by_everybody(host):
    put(host, 2, timedelta(hours=1), encrypted=False)

    outcome = checked(host)

    assert not outcome.data.encrypted
    assert "everybody opens it" in outcome.warnings[0]


def test_without_a_backup_there_is_nothing_to_try():
    with pytest.raises(ArchiveFailed) as failure:
        checked(FakeHost(), SECRET)

    assert failure.value.code == "not_found"
    assert FOLDER in failure.value.message
