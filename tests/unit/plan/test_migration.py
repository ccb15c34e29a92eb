"""When the database is backed up and migrated: where its schema moves, and never for nothing."""

from __future__ import annotations

import pytest

from llmchat_deploy.apply.audit import read_runs
from llmchat_deploy.errors import ArchiveFailed, StepFailed
from llmchat_deploy.operations import up
from llmchat_deploy.plan.steps import BackUp, Migrate
from tests.unit.world import SHIPPED, World, an_environment

ENVIRONMENT = an_environment()
NEW_CODE = SHIPPED.with_version("backend", "2")
NEW_SCHEMA = NEW_CODE.with_version("schema", "0002")


@pytest.fixture
def world() -> World:
    world = World()
    world.up(ENVIRONMENT)
    world.rewind()
    return world


def data_steps(world: World, sources=NEW_SCHEMA, environment=ENVIRONMENT) -> list[type]:
    return [type(step) for step in world.plan(environment, sources).steps if isinstance(step, BackUp | Migrate)]


def test_the_first_data_is_migrated_and_there_is_nothing_to_back_up() -> None:
    assert data_steps(World()) == [Migrate]


def test_a_release_with_the_same_schema_touches_no_data(world: World) -> None:
    assert data_steps(world, NEW_CODE) == []
    assert data_steps(world, environment=an_environment(models__idle_timeout=60), sources=SHIPPED) == []


def test_a_schema_that_moves_is_backed_up_first(world: World) -> None:
    plan = world.plan(ENVIRONMENT, NEW_SCHEMA)
    backup, migrate = (step for step in plan.steps if isinstance(step, BackUp | Migrate))

    assert isinstance(backup, BackUp)
    assert isinstance(migrate, Migrate)
    assert (backup.kind, backup.data_volume) == ("pre-update", "llmchat-test_backend-db")
    assert backup.cause == "the database is at 0001, the new backend knows 0002"


def test_a_backend_that_stands_still_is_migrated_again_and_not_backed_up(world: World) -> None:
    world.engine.stop_by_hand("llmchat-test-backend-a")

    assert data_steps(world, SHIPPED) == [Migrate]


@pytest.mark.parametrize("noted", [None, "{", '{"another": "0002"}'])
def test_where_nobody_noted_the_schema_it_counts_as_another(world: World, noted: str | None) -> None:
    world.host.state.pop("schemas.json")
    if noted:
        world.host.state["schemas.json"] = noted

    assert data_steps(world, NEW_CODE) == [BackUp, Migrate]


def test_sources_that_do_not_tell_their_schema_count_as_another(world: World) -> None:
    assert data_steps(world, NEW_CODE.with_version("schema", "")) == [BackUp, Migrate]


def go(world: World) -> None:
    world.engine.schema = "0002"
    agreed = up.plan(ENVIRONMENT, NEW_SCHEMA, world.host, world.engine)
    up.apply(agreed, ENVIRONMENT, NEW_SCHEMA, world.host, world.engine, world.events.append)


def test_the_backup_belongs_to_the_run_and_the_schemas_are_written_down(world: World) -> None:
    go(world)

    run = read_runs(world.host)[-1]
    assert (run.schema_before, run.schema_after) == ("0001", "0002")
    assert run.backup == "20261125-101500-0001"
    assert world.plan(ENVIRONMENT, NEW_SCHEMA).is_empty


def test_a_migration_that_fails_leaves_the_old_slot_serving_and_the_backup_named(world: World) -> None:
    world.engine.tape.fail["run once"] = StepFailed("It can't be migrated.")
    with pytest.raises(StepFailed):
        go(world)

    assert world.engine.boxes["llmchat-test-backend-a"].runs
    assert "llmchat-test-backend-b" not in world.engine.boxes
    assert world.engine.cut_off == []
    run = read_runs(world.host)[-1]
    assert (run.result, run.exit_code, run.backup) == ("failed", 8, "20261125-101500-0001")


def test_where_no_backup_can_be_made_nothing_is_migrated(world: World) -> None:
    damaged = {"event": "error", "code": "damaged", "message": "It is damaged.", "hint": ""}
    world.host.archive.says["create"] = ([damaged], 11)
    with pytest.raises(ArchiveFailed):
        go(world)

    assert not any(write.startswith("run once") for write in world.writes)
    assert world.engine.boxes["llmchat-test-backend-a"].runs
