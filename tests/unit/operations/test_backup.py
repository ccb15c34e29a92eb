"""Backups are made of the data in use, by the image that is there, and what goes wrong with copies is told."""

from __future__ import annotations

import pytest

from llmchat_deploy.errors import ArchiveFailed, ExitCode, LockHeld, RefusedError
from llmchat_deploy.operations import backup, restore
from llmchat_deploy.operations.parts import Parts
from llmchat_deploy.plan.restore import Source
from llmchat_deploy.secret import Secret
from tests.unit.world import SHIPPED, World, an_environment

ENVIRONMENT = an_environment()
DATA = "llmchat-test_backend-db"
RECIPIENT = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqs3290gq"


@pytest.fixture
def world() -> World:
    world = World()
    world.up(ENVIRONMENT)
    world.rewind()
    return world


def parts(world: World, **changes: object) -> Parts:
    return Parts(an_environment(**changes), SHIPPED, world.host, world.engine)


def make(world: World, **changes: object):
    it = parts(world, **changes)
    return backup.make(backup.plan(it, label="before the fair"), it, world.events.append)


def test_a_backup_is_made_by_the_image_that_runs(world):
    outcome = make(world)

    image = world.engine.boxes["llmchat-test-backend-a"].image
    assert image in world.host.commands[-1]
    assert outcome.data.file == f"/state/backups/{outcome.data.backup['archive']}"
    assert outcome.data.backup["label"] == "before the fair"
    assert outcome.exit_code == ExitCode.OK


def test_an_unencrypted_one_is_said_loudly(world):
    world.host.archive.encrypted = False
    assert any(warning.startswith("not_encrypted") for warning in make(world).warnings)

    world.host.archive.encrypted = True
    assert make(world, backup__recipients=RECIPIENT).warnings == ()


def test_after_down_the_backup_is_made_by_the_image_that_was_built(world):
    world.down(ENVIRONMENT)

    assert make(world).data.backup["id"]


def test_after_a_restore_the_restored_data_is_backed_up(world):
    archive = "llmchat-test-20261125-101500-0007.tar.zst"
    world.host.archive.held[archive] = {}

    def planner(it):
        return restore.plan(it, Source("20261125-101500-0007", archive))

    it = parts(world)
    restore.apply(planner(it), planner, it, world.events.append)

    (step,) = backup.plan(it).steps
    assert step.data_volume == f"{DATA}-g2"


def test_nothing_is_there_to_back_up():
    with pytest.raises(RefusedError, match="image"):
        backup.plan(parts(World()))

    world = World()
    world.up(ENVIRONMENT)
    world.down(ENVIRONMENT, volumes=True)
    with pytest.raises(RefusedError, match="no data of 'test'"):
        backup.plan(parts(world))


def test_a_lock_that_is_held_is_told(world):
    it = parts(world)
    agreed = backup.plan(it)
    world.host.locked = False

    with world.host.lock("up"), pytest.raises((LockHeld, AssertionError)):
        backup.make(agreed, it, world.events.append)


def test_a_folder_gets_a_copy_and_last_what_describes_it(world):
    it = parts(world)
    made = "llmchat-test-20261125-101500-0001"
    world.host.texts = {f"/state/backups/{made}.tar.zst": "data", f"/state/backups/{made}.json": "{}"}

    outcome = backup.make(backup.plan(it), it, world.events.append, to="/mnt/usb")

    assert [write for write in world.writes if "/mnt/usb" in write] == [
        f"copy /state/backups/{made}{ending} to /mnt/usb/{made}{ending}" for ending in (".tar.zst", ".json")
    ]
    assert outcome.data.copied_to == "/mnt/usb"


def test_one_that_is_damaged_is_shown_and_makes_the_exit_code(world):
    backups = [{"id": "x", "ok": False, "code": "damaged", "message": "cut", "hint": "", "verified_at": None}]
    world.host.archive.says["verify"] = ([{"event": "result", "backups": backups}], 11)

    outcome = backup.verify(("all",), parts(world), world.events.append, (Secret("AGE-SECRET-KEY-1"),))

    assert outcome.exit_code == ExitCode.ARCHIVE
    assert outcome.data.backups == tuple(backups)
    assert world.host.archive.jobs[-1][1]["ids"] == "all"


def test_what_is_not_in_the_list_is_not_asked_for(world):
    with pytest.raises(ArchiveFailed) as failure:
        backup.verify(("20261125-101500-0042",), parts(world), world.events.append, ())

    assert failure.value.code == "not_found"
    with pytest.raises(ArchiveFailed):
        backup.drill("latest", parts(world), world.events.append, ())
