"""Backups and filling a volume from one, as steps."""

from __future__ import annotations

import pytest

from llmchat_deploy.apply.backups import back_up, fill_volume
from llmchat_deploy.apply.run import Findings, Run
from llmchat_deploy.errors import HostError
from llmchat_deploy.host.base import CommandResult
from llmchat_deploy.plan.steps import BackUp, FillVolume
from llmchat_deploy.secret import Secret
from tests.unit.world import LLM_API_KEY, SECRET_KEY, World, an_environment

RECIPIENT = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqs3290gq"
DATA = "llmchat-test_backend-db"


@pytest.fixture
def world() -> World:
    world = World()
    world.up(an_environment())
    return world


def run(world: World, **changes: object) -> Run:
    return Run(an_environment(**changes), world.host, world.engine, Findings(), lambda line: None)


def step(**changes: object) -> BackUp:
    parts = {"project": "llmchat-test", "data_volume": DATA, "image": "llmchat-backend:1", "cause": "asked for"}
    return BackUp(**parts | changes)  # type: ignore[arg-type]


def test_a_backup_is_told_what_to_do_and_found(world):
    it = run(world)

    back_up(step(label="before the move", compact=True), it)

    verb, job = world.host.archive.jobs[-1]
    assert verb == "create"
    assert (job["project"], job["environment"], job["label"], job["compact"]) == (
        "llmchat-test",
        "test",
        "before the move",
        True,
    )
    assert job["release"]["digest"]
    assert it.findings.backup
    assert it.findings.backup["id"] == "20261125-101500-0001"


def test_settings_and_secrets_travel_only_encrypted(world):
    back_up(step(), run(world))
    assert world.host.archive.jobs[-1][1]["config"] is None

    back_up(step(), run(world, backup__recipients=f"{RECIPIENT}, {RECIPIENT}"))

    job = world.host.archive.jobs[-1][1]
    assert job["recipients"] == [RECIPIENT, RECIPIENT]
    assert SECRET_KEY in job["config"]["env"]
    assert LLM_API_KEY not in job["config"]["test.toml"]
    assert not any(SECRET_KEY in word for argv in world.host.commands for word in argv)


def test_the_folder_is_made_once_and_given_to_the_backends_user(world):
    back_up(step(), run(world))
    back_up(step(), run(world))

    assert world.writes.count("hand over the backups folder") == 1
    assert world.host.folders["/state/backups"] == (10001, 0, 0o2770)


def test_a_folder_that_cannot_be_handed_over_is_named(world):
    world.host.failing["docker run --rm --log-driver none"] = CommandResult(1, "", "chown: Operation not permitted")

    with pytest.raises(HostError, match="/srv/backups can't be given") as refusal:
        back_up(step(), run(world, backup__folder="/srv/backups"))

    assert refusal.value.details == ("chown: Operation not permitted",)


def test_a_folder_that_holds_other_things_is_not_taken_from_its_owner(world):
    world.host.folders["/home/alice"] = (1000, 1000, 0o755)
    world.host.texts["/home/alice/.profile"] = ""

    with pytest.raises(HostError, match=r"holds \.profile") as refusal:
        back_up(step(), run(world, backup__folder="/home/alice"))

    assert "/home/alice/llmchat-backups" in refusal.value.hint
    assert world.host.folders["/home/alice"] == (1000, 1000, 0o755)


def test_a_folder_with_backups_that_were_copied_there_becomes_the_backups_own(world):
    world.host.folders["/srv/backups"] = (0, 0, 0o755)
    for name in ("llmchat-test-20261125-101500-0001.tar.zst", "llmchat-test-20261125-101500-0001.json", "lost+found"):
        world.host.texts[f"/srv/backups/{name}"] = "{}"

    back_up(step(), run(world, backup__folder="/srv/backups"))

    assert world.host.folders["/srv/backups"] == (10001, 0, 0o2770)


def test_a_volume_is_filled_with_the_key_on_standard_input(world):
    back_up(step(), run(world))
    it = run(world)
    it = Run(it.environment, it.host, it.engine, it.findings, it.progress, (Secret("AGE-SECRET-KEY-1X"),))

    fill_volume(
        FillVolume(
            project="llmchat-test",
            volume=f"{DATA}-g2",
            image="llmchat-backend:1",
            archive="llmchat-test-20261125-101500-0001.tar.zst",
            source="20261125-101500-0001",
            cause="asked for",
        ),
        it,
    )

    verb, job = world.host.archive.jobs[-1]
    assert (verb, job["identities"]) == ("prepare", ["AGE-SECRET-KEY-1X"])
    assert job["file"] == "/backups/llmchat-test-20261125-101500-0001.tar.zst"
    assert world.engine.admins[f"{DATA}-g2"] == world.engine.admins[DATA]


def test_accounts_of_the_guides_archive_are_added_to_the_present_data(world):
    fill = FillVolume(
        project="llmchat-test",
        volume=f"{DATA}-g2",
        image="llmchat-backend:1",
        archive="database-backup-20250109.tar.gz",
        source="database-backup-20250109.tar.gz",
        accounts_only=True,
        present=DATA,
        cause="asked for",
    )

    fill_volume(fill, run(world))

    verb, job = world.host.archive.jobs[-1]
    assert (verb, job["present"]) == ("import-guide", "/present")
    assert f"type=volume,source={DATA},target=/present" in world.host.commands[-1]


def test_an_archive_from_elsewhere_keeps_its_name_and_leaves_nothing_behind(world):
    world.host.texts["/mnt/usb/of last year.tar.gz"] = "archive"
    world.host.texts["/state/backups/.brought-llmchat-test/left by a killed run.tar.zst"] = "archive"
    it = run(world)

    fill_volume(
        FillVolume(
            project="llmchat-test",
            volume=f"{DATA}-g2",
            image="llmchat-backend:1",
            archive="of last year.tar.gz",
            path="/mnt/usb/of last year.tar.gz",
            source="of last year.tar.gz",
            accounts_only=True,
            cause="asked for",
        ),
        it,
    )

    assert it.findings.restored
    assert it.findings.restored["id"] == "of last year.tar.gz"
    assert not [name for name in world.host.texts if ".brought" in name]
