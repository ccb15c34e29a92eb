"""Which backup a person means, found before anything changes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from llmchat_deploy.errors import ArchiveFailed
from llmchat_deploy.operations.backup_source import find_backup, find_source
from llmchat_deploy.secret import Secret
from tests.fake_archives import FakeArchives, a_header
from tests.fakes import FakeHost
from tests.sidecars import FOLDER, put
from tests.unit.world import an_environment

ENVIRONMENT = an_environment()
KEY = "AGE-SECRET-KEY-1MADEUP"


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


def find(named: str, host: FakeHost, archives: FakeArchives, **options: bool):
    return find_source(named, ENVIRONMENT, host, archives, (), **options)


def test_the_latest_is_never_what_a_restore_put_by(host):
    """A restore that was killed after that, and is run again, must bring back the same backup."""
    put(host, 8, timedelta(hours=1))
    before = find_backup("latest", ENVIRONMENT, host)
    put(host, 9, timedelta(), kind="pre-restore")
    assert find_backup("latest", ENVIRONMENT, host) == before
    assert find_backup("9", ENVIRONMENT, host).kind == "pre-restore"


def test_the_latest_verified_one(host):
    put(host, 1, timedelta(hours=3))
    second = put(host, 2, timedelta(hours=2))
    put(host, 3, timedelta(hours=1), verified_at=None)
    archive = f"llmchat-test-{second}.tar.zst.age"

    found = find("latest", host, FakeArchives({f"{FOLDER}/{archive}": a_header(2)}))

    assert (found.archive, found.path, found.accounts_only) == (archive, "", False)


def test_a_file_anywhere(host):
    found = find("/mnt/usb/b.tar.zst", host, FakeArchives({"/mnt/usb/b.tar.zst": a_header(9)}))

    assert (found.name, found.archive, found.path) == (a_header(9).id, "b.tar.zst", "/mnt/usb/b.tar.zst")


def test_one_of_the_guides(host):
    name = "/srv/database-backup-20250109.tar.gz"

    found = find(name, host, FakeArchives({name: None}))

    assert (found.name, found.accounts_only) == ("database-backup-20250109.tar.gz", True)


def test_another_environments_backup_needs_to_be_wanted(host):
    archives = FakeArchives({"/b.tar.zst": a_header(project="llmchat-staging")})

    with pytest.raises(ArchiveFailed) as failure:
        find("/b.tar.zst", host, archives)

    assert failure.value.code == "foreign"
    assert find("/b.tar.zst", host, archives, foreign=True).foreign


def test_a_wrong_key_is_found_now(host):
    archives = FakeArchives({"/b.tar.zst": a_header()}, key=KEY)

    with pytest.raises(ArchiveFailed) as failure:
        find("/b.tar.zst", host, archives)

    assert failure.value.code == "wrong_key"
    assert find_source("/b.tar.zst", ENVIRONMENT, host, archives, (Secret(KEY),)).path == "/b.tar.zst"


def test_what_is_neither_a_file_nor_in_the_list(host):
    with pytest.raises(ArchiveFailed) as failure:
        find("/not/there.tar.zst", host, FakeArchives())

    assert failure.value.code == "not_found"
