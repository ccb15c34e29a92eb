"""``backup`` and ``restore`` as they are typed."""

from __future__ import annotations

import pytest

from llmchat_deploy.errors import DiskFull
from tests.cli.conftest import FakeWorld, Run
from tests.fake_archives import FakeArchives, a_header
from tests.fakes import FakeHost

FILE = "/mnt/usb/b.tar.zst"


@pytest.fixture
def deployed(world: FakeWorld, run: Run) -> FakeWorld:
    assert run("up", "--env", "production").code == 0
    world.archives_ = FakeArchives({FILE: a_header(project="llmchat-production")})
    return world


def test_a_backup_says_which_and_that_it_is_not_encrypted(deployed: FakeWorld, run: Run) -> None:
    ran = run("backup", "--env", "production")

    assert ran.code == 0
    assert "Backup 20261125-101500-0001 is made and verified." in ran.out
    assert "isn't encrypted" in ran.err


def test_a_backup_as_json(deployed: FakeWorld, run: Run) -> None:
    document = run("backup", "--env", "production", "--json").document

    assert document["data"]["backup"]["id"] == "20261125-101500-0001"
    assert document["command"] == "backup"


def test_before_the_first_up_there_is_nothing_to_back_up(world: FakeWorld, run: Run) -> None:
    ran = run("backup", "--env", "production")

    assert ran.code == 6
    assert "up --env production" in ran.err


def test_a_restore_asks_and_a_no_changes_nothing(deployed: FakeWorld, run: Run) -> None:
    deployed.interactive = True
    deployed.answers = ["n"]
    before = len(deployed.writes)

    ran = run("restore", FILE, "--env", "production")

    assert ran.code == 6
    assert "which is kept" in deployed.questions[0]
    assert len(deployed.writes) == before


def test_a_restore_without_anybody_to_ask_needs_yes(deployed: FakeWorld, run: Run) -> None:
    assert run("restore", FILE, "--env", "production").code == 6

    ran = run("restore", FILE, "--env", "production", "--yes")

    assert ran.code == 0
    assert "llmchat-production_backend-db-g2" in ran.out
    assert "restore --undo" in ran.out


def test_a_plan_shows_and_changes_nothing(deployed: FakeWorld, run: Run) -> None:
    before = len(deployed.writes)

    ran = run("restore", FILE, "--env", "production", "--plan", "--exit-code")

    assert ran.code == 10
    assert "restore 20261125-101500-0001 into llmchat-production_backend-db-g2" in ran.out
    assert len(deployed.writes) == before


def test_undo_and_back(deployed: FakeWorld, run: Run) -> None:
    assert run("restore", "--undo", "--env", "production", "--yes").code == 6
    assert run("restore", FILE, "--env", "production", "--yes").code == 0

    ran = run("restore", "--undo", "--env", "production", "--yes")

    assert ran.code == 0
    assert "uses the data from before again" in ran.out
    began = run("audit", "--env", "production", "--json").document["data"]["runs"]
    told = ["restore --undo", f"restore {FILE}"]
    assert [item["command"] for item in began][:2] == told
    assert deployed.host("llmchat-production").reasons[-2:] == told[::-1], "what finishes each, should it be cut"


def test_the_lock_says_that_a_backup_of_another_environment_was_accepted(deployed: FakeWorld, run: Run) -> None:
    assert run("restore", FILE, "--foreign", "--yes").code == 0
    assert deployed.host("llmchat-production").reasons[-1] == f"restore {FILE} --foreign"


@pytest.mark.parametrize("words", [("--undo", FILE), ("--undo", "--use-volume", "x")])
def test_ways_that_exclude_each_other(deployed: FakeWorld, run: Run, words: tuple[str, ...]) -> None:
    assert run("restore", *words, "--env", "production").code == 2


def test_a_folder_without_an_env_file_gets_the_settings_of_the_backup(world: FakeWorld, run: Run) -> None:
    env = world.folder / ".env.production"
    text = env.read_text()
    env.unlink()
    world.archives_ = FakeArchives(
        {FILE: a_header(project="llmchat-production")}, carried={FILE: ("[server]\nweb_port = 4000\n", text)}
    )
    assert run("restore", FILE, "--env", "production", "--plan").code == 0
    assert not env.exists()

    ran = run("restore", FILE, "--env", "production")

    assert ran.code == 0
    assert env.read_text() == text
    assert env.stat().st_mode & 0o777 == 0o600
    assert "4000" in (world.folder / "environments/production.toml").read_text()


def test_a_key_file_that_is_none(deployed: FakeWorld, run: Run) -> None:
    (deployed.folder / "key").write_text("nothing")

    ran = run("restore", FILE, "--env", "production", "--key", str(deployed.folder / "key"))

    assert ran.code == 11
    assert "holds no key" in ran.err


def test_a_folder_that_is_not_there(deployed: FakeWorld, run: Run) -> None:
    assert run("backup", "--to", str(deployed.folder / "none"), "--env", "production").code == 5


def test_verify_and_drill_know_only_what_is_listed(deployed: FakeWorld, run: Run) -> None:
    for words in (("backup", "verify", "42"), ("backup", "drill")):
        assert run(*words, "--env", "production").code == 11


def test_a_copy_that_fails_says_that_the_backup_is_made(deployed: FakeWorld, run: Run, monkeypatch) -> None:
    def full(self: FakeHost, source: str, target: str, *, mode: int) -> None:
        raise DiskFull(f"The disk that holds {target} is full.")

    monkeypatch.setattr(FakeHost, "copy_file", full)
    ran = run("backup", "--to", str(deployed.folder), "--env", "production")

    assert ran.code == DiskFull.exit_code
    assert "20261125-101500-0001 itself is made and verified" in ran.err


def test_the_guides_accounts_on_an_empty_machine_come_with_an_administrator(world: FakeWorld, run: Run) -> None:
    world.archives_ = FakeArchives({"/mnt/usb/database-backup-20250101.tar.gz": None})

    ran = run("restore", "/mnt/usb/database-backup-20250101.tar.gz", "--env", "production")

    assert ran.code == 0
    assert "made-up-password-1" in ran.out
    assert "shown this once" in ran.out
    assert run("up", "--env", "production").out.startswith("Nothing to do")


def test_a_key_in_the_home_of_nobody(deployed: FakeWorld, run: Run) -> None:
    ran = run("restore", FILE, "--env", "production", "--key", "~nobody-of-that-name/key")

    assert ran.code == 11
    assert "nobody of that name has a home" in ran.err
