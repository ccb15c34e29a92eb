from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from llmchat_deploy.apply.events import StepEvent
from llmchat_deploy.apply.generations import read_generations
from llmchat_deploy.config.model import Remote
from llmchat_deploy.errors import ExitCode, LockHeld, PlanChanged, RefusedError
from llmchat_deploy.host.base import LockHolder
from llmchat_deploy.operations import backup_prune
from llmchat_deploy.operations.backup_prune import PruneData, preview
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.operations.parts import Parts
from llmchat_deploy.render.names import Names
from llmchat_deploy.secret import Secret
from tests.sidecars import FOLDER, put
from tests.unit.world import SHIPPED, World, an_environment

DAY = timedelta(days=1)
POLICY = {"backup__keep_daily": 2, "backup__keep_weekly": 0, "backup__keep_monthly": 0}
ENVIRONMENT = an_environment(**POLICY)
REMOTE = Remote(kind="sftp", host="nas", user="u", host_key="k", password=Secret("hunter2-hunter2"))


@pytest.fixture
def world() -> World:
    world = World()
    world.up(ENVIRONMENT)
    for number in range(1, 6):
        put(world.host, number, (6 - number) * DAY)
    return world


def silent(_event: StepEvent) -> None:
    pass


def prune(parts: Parts) -> Outcome[PruneData]:
    return backup_prune.prune(backup_prune.plan(parts), parts, silent)


def parts_of(world: World) -> Parts:
    return Parts(ENVIRONMENT, SHIPPED, world.host, world.engine)


def restored(world: World, *days_ago: float) -> None:
    """Note restores of that many days ago; each kept the volume of the generation before it."""
    names, now = Names(ENVIRONMENT.project), datetime.fromtimestamp(world.host.now(), UTC)
    previous = [
        {"number": number, "replaced_at": (now - ago * DAY).isoformat(), "source": f"backup-{number}"}
        for number, ago in enumerate(days_ago, start=1)
    ]
    for number in range(1, len(days_ago) + 2):
        world.engine.create_volume(names.data_volume(number), names.project, "data")
    record = {"current": len(days_ago) + 1, "staging": None, "previous": previous}
    world.host.write_state("data.json", json.dumps(record))


def data_volumes(world: World) -> list[str]:
    return sorted(item.name for item in world.engine.volumes(ENVIRONMENT.project) if item.role == "data")


def test_a_preview_tells_what_stays_and_why_and_changes_nothing(world: World) -> None:
    world.rewind()
    data = preview(ENVIRONMENT, world.host).data
    assert [(item.id[-4:], item.keep) for item in data.backups] == [
        ("0005", True), ("0004", True), ("0003", False), ("0002", False), ("0001", False),
    ]  # fmt: skip
    assert "daily 2 of 2" in data.backups[1].reasons
    assert data.backups[2].reasons == ("no rule keeps it",)
    assert (data.dry_run, data.folder, world.writes) == (True, FOLDER, [])


@pytest.mark.parametrize(("zone", "kept"), [("UTC", [True, True, False]), ("Asia/Shanghai", [True, False, True])])
def test_days_end_when_they_end_on_the_machine(zone: str, kept: list[bool]) -> None:
    world = World()
    world.host.zone = zone
    for number, hours in enumerate((30, 12, 1), start=1):  # 02:00 and 20:00 of one day in UTC, then 07:00
        put(world.host, number, timedelta(hours=hours))
    assert [item.keep for item in preview(ENVIRONMENT, world.host).data.backups] == kept


def test_a_clock_that_cannot_be_right_keeps_everything_and_says_so(world: World) -> None:
    world.host.clock -= 100 * DAY.total_seconds()
    outcome = preview(ENVIRONMENT, world.host)
    assert all(item.keep for item in outcome.data.backups)
    assert outcome.warnings[0].startswith("clock_behind: ")


def test_what_ought_to_be_elsewhere_stays_until_it_is(world: World) -> None:
    put(world.host, 1, 5 * DAY, remotes={"nas": {"state": "confirmed"}})
    backups = preview(an_environment(**POLICY, backup__remotes={"nas": REMOTE}), world.host).data.backups
    assert [item.keep for item in backups] == [True, True, True, True, False]
    assert backups[2].reasons == ("no remote has confirmed it yet",)


def test_pruning_is_a_job_in_a_container_without_network(world: World) -> None:
    backups = [{"id": "20260101-000000-0001", "keep": False, "reasons": ["no rule keeps it"]}]
    world.host.archive.says["prune"] = ([{"event": "result", "backups": backups, "remotes": {}}], 0)
    data = prune(Parts(ENVIRONMENT, SHIPPED, world.host, world.engine)).data
    assert [(item.id, item.keep) for item in data.backups] == [("20260101-000000-0001", False)]
    verb, job = world.host.archive.jobs[-1]
    assert (verb, job["policy"]["daily"], job["timezone"], job["dry_run"]) == ("prune", 2, "UTC", False)
    argv = world.host.commands[-1]
    assert argv[argv.index("--network") + 1] == "none"
    assert world.host.folders[FOLDER] == (10001, 0, 0o2770)


def test_remotes_are_reached_with_secrets_on_standard_input_only(world: World) -> None:
    failed = {"nas": {"backups": [], "error": "it is gone"}}
    events = [{"event": "warning", "code": "remote_failed", "message": "it is gone"}]
    world.host.archive.says["prune"] = ([*events, {"event": "result", "backups": [], "remotes": failed}], 11)
    environment = an_environment(**POLICY, backup__remotes={"nas": REMOTE})
    outcome = prune(Parts(environment, SHIPPED, world.host, world.engine))
    assert outcome.exit_code is ExitCode.ARCHIVE
    assert outcome.warnings == ("remote_failed: it is gone",)
    argv = world.host.commands[-1]
    assert argv[argv.index("--network") + 1] == "bridge"
    assert world.host.archive.jobs[-1][1]["remotes"]["nas"]["password"] == "hunter2-hunter2"
    assert "hunter2" not in " ".join(argv)


def test_nothing_is_pruned_while_something_else_is_done(world: World) -> None:
    world.host.held_by = LockHolder("li", "here", 1, "now", "scheduled backup")
    with pytest.raises(LockHeld, match="scheduled backup"):
        prune(Parts(ENVIRONMENT, SHIPPED, world.host, world.engine))


def test_without_an_image_there_is_nothing_that_could_do_it() -> None:
    world = World()
    with pytest.raises(RefusedError, match="image of 'test' isn't on this machine") as refusal:
        prune(Parts(ENVIRONMENT, SHIPPED, world.host, world.engine))
    assert refusal.value.hint == "llmchat-deploy up --env test builds it."


def test_data_that_restores_kept_goes_after_a_week_but_for_the_last(world: World) -> None:
    restored(world, 30, 10, 3, 2)
    plan = backup_prune.plan(parts_of(world))
    assert [loss.partition(": ")[0] for loss in plan.losses] == [
        "llmchat-test_backend-db-g2",
        "llmchat-test_backend-db",
    ]
    assert "accounts, conversations and attachments as they were until" in plan.losses[0]
    data = prune(parts_of(world)).data
    assert [item.keep for item in data.volumes] == [True, True, False, False]
    assert data_volumes(world) == [f"llmchat-test_backend-db-g{number}" for number in (3, 4, 5)]
    assert [item.number for item in read_generations(world.host).previous] == [3, 4]


def test_the_only_data_that_a_restore_kept_stays_however_old(world: World) -> None:
    restored(world, 400)
    assert not backup_prune.plan(parts_of(world)).is_destructive
    (kept,) = preview(ENVIRONMENT, world.host).data.volumes
    assert (kept.keep, kept.reasons) == (True, ("restore --undo goes back to it",))


@pytest.mark.parametrize("jump", [-100, -20])
def test_a_clock_that_went_back_takes_no_volume(world: World, jump: int) -> None:
    restored(world, 30, 10, 3)
    world.host.clock += jump * DAY.total_seconds()
    assert backup_prune.plan(parts_of(world)).losses == ()


def test_a_preview_names_the_volumes_that_would_go(world: World) -> None:
    restored(world, 30, 3)
    volumes = preview(ENVIRONMENT, world.host).data.volumes
    assert [(item.id, item.keep) for item in volumes] == [
        ("llmchat-test_backend-db-g2", True), ("llmchat-test_backend-db", False),
    ]  # fmt: skip


def test_a_volume_that_has_gone_already_is_only_forgotten(world: World) -> None:
    restored(world, 30, 3)
    world.engine.remove_volume("llmchat-test_backend-db")
    assert backup_prune.plan(parts_of(world)).losses == ()
    prune(parts_of(world))
    assert [item.number for item in read_generations(world.host).previous] == [2]


def test_another_restore_meanwhile_makes_the_agreement_void(world: World) -> None:
    restored(world, 30, 3)
    agreed = backup_prune.plan(parts_of(world))
    restored(world, 30, 20, 3)
    world.rewind()
    with pytest.raises(PlanChanged):
        backup_prune.prune(agreed, parts_of(world), silent)
    assert world.writes == []
