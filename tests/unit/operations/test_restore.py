"""Restore: other data is used, what was used is kept, and a restore that fails changes nothing."""

from __future__ import annotations

from copy import deepcopy

import pytest

from llmchat_deploy.apply.generations import read_generations
from llmchat_deploy.errors import ArchiveFailed, NothingToUndo, PlanChanged, RefusedError, StepFailed, Unhealthy
from llmchat_deploy.host.base import CommandResult
from llmchat_deploy.operations import restore, up
from llmchat_deploy.operations.parts import Parts
from llmchat_deploy.plan.restore import Source
from llmchat_deploy.plan.steps import BackUp
from llmchat_deploy.render.names import Names
from tests.fakes import Killed
from tests.unit.world import SHIPPED, World, an_environment

ENVIRONMENT = an_environment()
DATA = "llmchat-test_backend-db"
ARCHIVE = "llmchat-test-20261125-101500-0007.tar.zst"
SOURCE = Source("20261125-101500-0007", ARCHIVE)
EARLIER = {"admin": "the-password-of-then"}


@pytest.fixture
def world() -> World:
    world = World()
    world.up(ENVIRONMENT)
    world.host.archive.held[ARCHIVE] = dict(EARLIER)
    world.rewind()
    return world


def parts(world: World) -> Parts:
    return Parts(ENVIRONMENT, SHIPPED, world.host, world.engine)


def planner(it: Parts):
    return restore.plan(it, SOURCE)


def run(world: World, planned=planner):
    it = parts(world)
    return restore.apply(planned(it), planned, it, world.events.append)


def used(world: World) -> str:
    """Return the data volume of the backend that serves."""
    slot = world.engine.serving.backend
    mounts = world.engine.mounts[f"llmchat-test-backend-{slot}"]
    return next(volume for volume, path in mounts.items() if path == "/app/db")


def test_the_service_uses_the_restored_data_and_the_old_is_kept(world):
    before = dict(world.engine.admins[DATA])

    outcome = run(world)

    assert used(world) == f"{DATA}-g2"
    assert world.engine.admins[f"{DATA}-g2"] == EARLIER
    assert world.engine.admins[DATA] == before
    assert world.engine.cut_off == []
    assert (outcome.data.volume, outcome.data.kept_volume) == (f"{DATA}-g2", DATA)
    assert outcome.data.safety


def test_the_next_up_has_nothing_to_do(world):
    run(world)

    assert up.plan(ENVIRONMENT, SHIPPED, world.host, world.engine).is_empty


def test_an_undo_goes_back_and_can_be_undone(world):
    run(world)

    run(world, restore.plan_undo)
    assert used(world) == DATA
    run(world, restore.plan_undo)

    assert used(world) == f"{DATA}-g2"


def test_without_a_restore_there_is_nothing_to_undo(world):
    with pytest.raises(NothingToUndo):
        restore.plan_undo(parts(world))


def test_damaged_present_data_does_not_stop_a_restore(world):
    error = {"event": "error", "code": "source_damaged", "message": "The database is damaged.", "hint": ""}
    world.host.archive.says["create"] = ([error], 11)

    outcome = run(world)

    assert used(world) == f"{DATA}-g2"
    assert outcome.data.safety is None
    assert [warning.partition(":")[0] for warning in outcome.warnings] == ["no_pre_restore_backup"]


def test_a_backup_that_cannot_be_filled_in_leaves_everything_as_it_was(world):
    state = world.state()
    error = {"event": "error", "code": "damaged", "message": "The backup is damaged.", "hint": ""}
    world.host.archive.says["prepare"] = ([error], 11)

    with pytest.raises(ArchiveFailed) as failure:
        run(world)

    assert failure.value.code == "damaged"
    assert "Nothing that was in use has changed." in failure.value.details
    assert used(world) == DATA
    after = world.state()
    for kept in ("containers", "loaded", "admins"):
        assert after[kept] == state[kept]
    assert f"{DATA}-g2" not in world.engine.volume_projects
    assert read_generations(world.host).staging is None


def test_data_that_does_not_serve_is_left_again(world):
    world.engine.unhealthy.add("backend")

    with pytest.raises(Unhealthy) as failure:
        run(world)

    assert failure.value.details[-1] == "The service uses the data again that it used before."
    assert used(world) == DATA
    assert f"{DATA}-g2" not in world.engine.volume_projects
    assert read_generations(world.host).current == 1
    world.engine.unhealthy.clear()
    assert up.plan(ENVIRONMENT, SHIPPED, world.host, world.engine).is_empty


def test_a_migration_that_fails_is_told_and_left_again(world):
    world.engine.tape.fail["run once llmchat-backend migrate"] = StepFailed("It can't be migrated.")

    with pytest.raises(StepFailed):
        run(world)

    assert (used(world), read_generations(world.host).current) == (DATA, 1)


def test_an_empty_machine_gets_the_data_and_everything_else():
    world = World()
    world.host.archive.held[ARCHIVE] = dict(EARLIER)
    planned = restore.plan(parts(world), SOURCE)
    assert not any(isinstance(step, BackUp) for step in planned.steps)

    run(world)

    assert used(world) == DATA
    assert world.engine.admins[DATA]["admin"] == EARLIER["admin"]


def test_the_agreement_is_about_one_state_of_the_machine(world):
    it = parts(world)
    agreed = restore.plan(it, SOURCE)
    run(world)

    with pytest.raises(PlanChanged):
        restore.apply(agreed, planner, it, world.events.append)


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["write lost", "write done"])
def test_killed_at_every_write_a_second_run_ends_as_one_run_would(world, after):
    uncut = deepcopy(world)
    run(uncut)

    for number, write in enumerate(uncut.writes, 1):
        cut = deepcopy(world)
        cut.rewind(kill_at=number, kill_after=after)
        with pytest.raises(Killed):
            run(cut)
        cut.rewind()
        assert cut.engine.admins[DATA] == world.engine.admins[DATA], f"killed at write {number}: {write}"

        up_again = deepcopy(cut)
        up_again.carry_out(up.plan(ENVIRONMENT, SHIPPED, up_again.host, up_again.engine), ENVIRONMENT)
        assert used(up_again) in {DATA, f"{DATA}-g2"}
        assert up.plan(ENVIRONMENT, SHIPPED, up_again.host, up_again.engine).is_empty, f"{number}: {write}"
        run(cut)

        assert world.engine.admins[DATA].items() <= cut.engine.admins[DATA].items()
        assert cut.engine.admins[used(cut)] == EARLIER, f"killed at write {number}: {write}"
        assert read_generations(cut.host).staging is None
        assert cut.engine.cut_off == [], f"killed at write {number}: {write}"


def test_a_volume_that_is_there_can_be_chosen_where_the_record_is_gone(world):
    run(world)
    world.host.remove_state("data.json")
    with pytest.raises(RefusedError, match="record of which volume is current is gone"):
        up.plan(ENVIRONMENT, SHIPPED, world.host, world.engine)

    run(world, lambda it: restore.plan_use(it, f"{DATA}-g2"))

    assert read_generations(world.host).current == 2
    with pytest.raises(RefusedError, match="is no data volume"):
        restore.plan_use(parts(world), "somebody-elses")


def test_a_chosen_volume_that_does_not_serve_is_not_removed(world):
    run(world)
    run(world)
    world.host.write_state("data.json", '{"current": 1, "staging": null, "previous": []}')
    world.engine.unhealthy.add("backend")

    with pytest.raises(Unhealthy):
        run(world, lambda it: restore.plan_use(it, f"{DATA}-g2"))

    assert used(world) != f"{DATA}-g2"
    assert world.engine.admins[f"{DATA}-g2"] == EARLIER
    assert f"{DATA}-g2" in world.engine.volume_projects


def test_a_chosen_volume_that_does_not_serve_leaves_the_record_as_unknown_as_it_was(world):
    run(world)
    world.carry_out(world.plan_down(ENVIRONMENT, volumes=False), ENVIRONMENT)
    world.host.remove_state("data.json")
    world.engine.unhealthy.add("backend")

    with pytest.raises(Unhealthy) as failure:
        run(world, lambda it: restore.plan_use(it, f"{DATA}-g2"))

    assert f"{DATA}-g2" in world.engine.volume_projects
    assert not read_generations(world.host).known
    assert "--use-volume" in failure.value.details[-1]


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["write lost", "write done"])
def test_killed_on_an_empty_machine_nobody_gets_half_of_the_data(after):
    world = World()
    world.host.archive.held[ARCHIVE] = dict(EARLIER)
    uncut = deepcopy(world)
    run(uncut)

    for number, write in enumerate(uncut.writes, 1):
        cut = deepcopy(world)
        cut.rewind(kill_at=number, kill_after=after)
        with pytest.raises(Killed):
            run(cut)
        cut.rewind()
        up_between = deepcopy(cut)
        if read_generations(cut.host).staging is None:
            up_between.carry_out(up.plan(ENVIRONMENT, SHIPPED, up_between.host, up_between.engine), ENVIRONMENT)
        else:
            with pytest.raises(RefusedError, match="was cut"):
                up.plan(ENVIRONMENT, SHIPPED, up_between.host, up_between.engine)
        for again in (cut, up_between):
            run(again)

            assert again.engine.admins[used(again)] == EARLIER, f"killed at write {number}: {write}"
            assert read_generations(again.host).staging is None
            for kept in read_generations(again.host).previous:
                assert Names("llmchat-test").data_volume(kept.number) in again.engine.volume_projects


def test_compose_is_asked_for_before_anything_is_done(world):
    world.host.failing["docker compose version"] = CommandResult(1, "", "no such command")

    with pytest.raises(Exception, match="Compose"):
        run(world)

    assert world.writes == []


def test_going_back_touches_no_password_even_without_a_record_of_the_release(world):
    run(world)
    world.host.remove_state("current.json")

    planned = restore.plan_undo(parts(world))

    assert "EnsureAdmin" not in [type(step).__name__ for step in planned.steps]
