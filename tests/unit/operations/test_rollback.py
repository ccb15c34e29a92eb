"""Rollback: an earlier release runs again from what is kept, with its data where the schema has moved."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from llmchat_deploy.apply.audit import read_runs
from llmchat_deploy.apply.places import places_of
from llmchat_deploy.apply.records import read_release, read_schemas
from llmchat_deploy.config.model import Environment
from llmchat_deploy.errors import (
    ArchiveFailed,
    ImagesGone,
    NothingToRollBack,
    RefusedError,
    SnapshotMissing,
    Unhealthy,
)
from llmchat_deploy.operations import rollback, up
from llmchat_deploy.operations.parts import Parts
from llmchat_deploy.operations.rollback import Asked
from llmchat_deploy.plan.steps import BackUp, BuildImage, ConfigureEdge, FillVolume, Migrate
from llmchat_deploy.render.stored import parse_stored, reopen, stored_files
from llmchat_deploy.secret import Secret
from tests.fake_archives import FakeArchives, a_header
from tests.sidecars import FOLDER, told
from tests.unit.world import LLM_API_KEY, SECRET_KEY, SHIPPED, Sources, World, an_environment, release_of

ENVIRONMENT = an_environment()
NEW = SHIPPED.with_version("backend", "2").with_version("frontend", "2")
MOVED = NEW.with_version("schema", "0002")
SNAPSHOT = "20261125-101500-0001"
ARCHIVE = f"llmchat-test-{SNAPSHOT}.tar.zst"
ARCHIVES = FakeArchives({f"{FOLDER}/{ARCHIVE}": a_header(1)})
WITH_ACME = an_environment(server__address="chat.example.com", tls__mode="acme", tls__email="it@example.com")
SCHEDULED = an_environment(backup__schedule="every 6h")


def deploy(world: World, sources: Sources = SHIPPED, environment: Environment = ENVIRONMENT) -> str:
    world.engine.schema = sources.revisions()[-1].name
    agreed = up.plan(environment, sources, world.host, world.engine)
    outcome = up.apply(agreed, environment, sources, world.host, world.engine, world.events.append)
    if outcome.data.admin:
        up.password_shown(world.host)
    return outcome.data.release


def moved() -> World:
    """Return a machine on which an update has moved the schema, with the backup it made before."""
    world = World()
    deploy(world)
    deploy(world, MOVED)
    sidecar = told(1, datetime(2026, 11, 25, 10, 15, tzinfo=UTC), archive=ARCHIVE, kind="pre-update")
    world.host.texts[f"{FOLDER}/llmchat-test-{SNAPSHOT}.json"] = json.dumps(sidecar)
    world.rewind()
    return world


def parts(world: World, environment: Environment = ENVIRONMENT, sources: Sources = MOVED) -> Parts:
    return Parts(environment, sources, world.host, world.engine)


def plan(world: World, wanted: str = "", *, environment: Environment = ENVIRONMENT, keep_data: bool = False):
    it = parts(world, environment)
    return rollback.plan(it, Asked(wanted, keep_data).target(it), ARCHIVES)


def go(world: World, wanted: str = "", *, environment: Environment = ENVIRONMENT, keep_data: bool = False):
    asked, it = Asked(wanted, keep_data), parts(world, environment)
    return rollback.apply(
        plan(world, wanted, environment=environment, keep_data=keep_data), asked, it, ARCHIVES, world.events.append
    )


def running(world: World) -> set[tuple[str, str]]:
    return {(box.service, box.digest) for box in world.engine.boxes.values()}


@pytest.fixture
def world() -> World:
    world = World()
    deploy(world)
    deploy(world, NEW)
    world.rewind()
    return world


def test_a_release_that_is_kept_comes_out_as_it_was() -> None:
    for environment in (ENVIRONMENT, SCHEDULED, an_environment(models__bundled=True), WITH_ACME):
        world = World()
        id_ = deploy(world, environment=environment)
        stored = read_release(world.host, id_)
        assert stored

        places = places_of(environment, world.host)
        assert reopen(stored, stored, environment, places, "/project/service") == release_of(
            environment, SHIPPED, places
        )


def test_the_release_before_runs_again_without_a_build_and_nobody_is_cut_off() -> None:
    world = World()
    first = deploy(world)
    before = running(world)
    deploy(world, NEW)

    outcome = go(world)

    assert (outcome.data.release, outcome.data.changed) == (first, True)
    assert running(world) == before
    assert world.engine.cut_off == []
    assert "goes forward again" in outcome.data.next_steps[0]


def test_nothing_is_built_and_the_edge_is_left_alone(world: World) -> None:
    steps = plan(world).steps

    assert not [step for step in steps if isinstance(step, BuildImage | ConfigureEdge | BackUp | Migrate)]


def test_an_edge_that_was_changed_since_stays_as_it_is() -> None:
    world = World()
    deploy(world)
    later = an_environment(server__web_port=3100)
    deploy(world, NEW, later)
    edge = world.engine.boxes["llmchat-test-edge"]

    go(world, environment=later)

    assert world.engine.boxes["llmchat-test-edge"] == edge


def test_it_is_written_down_and_a_second_rollback_goes_forward_again(world: World) -> None:
    current = json.loads(world.host.state["current.json"])["release"]
    first = go(world).data.release

    run = read_runs(world.host)[-1]
    assert (run.command, run.release, run.release_before, run.result) == (
        f"rollback {first}", first, current, "finished",
    )  # fmt: skip
    assert go(world).data.release == current


def test_a_release_is_named_by_the_beginning_of_its_id(world: World) -> None:
    first = read_runs(world.host)[0].release

    assert plan(world, first[:6]).release == first
    with pytest.raises(NothingToRollBack, match="No release 'zzz'"):
        plan(world, "zzz")
    line = {"run": 9, "command": "up", "release": first[:6] + "x", "result": "finished"}
    world.host.append_state("audit.jsonl", json.dumps(line))
    with pytest.raises(RefusedError, match="may be any of"):
        plan(world, first[:6])


def test_a_release_that_never_ended_well_is_never_gone_back_to(world: World) -> None:
    first = read_runs(world.host)[0].release
    world.engine.unhealthy.add("backend")
    with pytest.raises(Unhealthy):
        deploy(world, SHIPPED.with_version("backend", "3"))

    assert plan(world).release == first


def test_keys_that_were_replaced_since_are_put_there_anew() -> None:
    world = World()
    deploy(world)
    later = an_environment(secret_key=Secret("another-key-of-more-than-32-bytes-length"))
    deploy(world, NEW, later)

    go(world, environment=later)

    slot = world.engine.serving.backend
    box = world.engine.boxes[f"llmchat-test-backend-{slot}"]
    mounted = [name for name in world.engine.mounts[box.name] if "_keys-" in name]
    assert box.image == release_of(ENVIRONMENT, SHIPPED).services[1].image.tag
    assert [world.engine.files[name]["SECRET_KEY"].content for name in mounted] == [later.secret_key]
    assert world.engine.cut_off == []


def test_scheduled_backups_go_on_and_know_the_release_they_are_of() -> None:
    world = World()
    deploy(world, environment=SCHEDULED)
    deploy(world, NEW, SCHEDULED)

    first = go(world, environment=SCHEDULED).data.release

    keys = next(name for name in world.engine.mounts["llmchat-test-backup"] if "_keys-" in name)
    content = world.engine.files[keys]["backup.json"].content
    assert isinstance(content, Secret)
    assert json.loads(content.reveal())["release"]["release"] == first
    assert world.engine.boxes["llmchat-test-backup"].runs


def test_before_anything_was_deployed_and_with_one_release_there_is_nothing() -> None:
    world = World()
    with pytest.raises(NothingToRollBack, match="never deployed"):
        plan(world)
    deploy(world)
    with pytest.raises(NothingToRollBack, match="before this one"):
        plan(world)


def test_an_image_that_is_gone_is_named_and_nothing_is_built(world: World) -> None:
    gone = next(tag for tag in world.engine.tags if tag == release_of(ENVIRONMENT, SHIPPED).services[1].image.tag)
    world.engine.tags.remove(gone)

    with pytest.raises(ImagesGone, match=gone):
        plan(world)


@pytest.mark.parametrize("damage", ["", "{", '{"version": 2}', '{"version": 1}'])
def test_a_release_that_is_not_kept_whole_is_not_run(world: World, damage: str) -> None:
    first = read_runs(world.host)[0].release
    world.host.state[f"releases/{first}/release.json"] = damage

    with pytest.raises(NothingToRollBack, match="isn't kept"):
        plan(world)


def test_nothing_secret_is_kept(world: World) -> None:
    for environment in (ENVIRONMENT, SCHEDULED):
        texts = "".join(str(file.content) for file in stored_files(release_of(environment, SHIPPED)))
        assert SECRET_KEY not in texts
        assert LLM_API_KEY not in texts
    assert parse_stored({}) is None


def test_where_the_schema_moved_the_data_goes_back_too() -> None:
    world = moved()
    first = read_runs(world.host)[0].release
    agreed = plan(world)
    kinds = [type(step) for step in agreed.steps if isinstance(step, BackUp | FillVolume | Migrate)]
    assert kinds == [BackUp, FillVolume, Migrate]
    assert f"backup {SNAPSHOT} of 2026-11-25T10:15:00+00:00" in agreed.notes[-2]

    world.engine.schema = "0001"  # what the earlier image migrates to
    data = go(world).data

    assert (data.release, data.snapshot) == (read_runs(world.host)[-1].release, SNAPSHOT)
    assert data.kept_volume == "llmchat-test_backend-db"
    assert data.safety
    assert world.engine.boxes[f"llmchat-test-backend-{world.engine.serving.backend}"].image.startswith("llmchat/")
    assert read_runs(world.host)[-1].command == f"rollback {first}"
    assert read_schemas(world.host)["llmchat-test_backend-db-g2"] == "0001"
    assert world.engine.cut_off == []


def test_with_keep_data_only_the_code_goes_back() -> None:
    agreed = plan(moved(), keep_data=True)

    assert not [step for step in agreed.steps if isinstance(step, FillVolume)]


def test_without_the_backup_from_before_the_data_stays_and_it_is_said_how() -> None:
    world = moved()
    text = world.host.state["audit.jsonl"].replace(SNAPSHOT, "")
    world.host.state["audit.jsonl"] = text
    with pytest.raises(SnapshotMissing) as error:
        plan(world)
    assert "--keep-data" in error.value.hint

    files = world.host.state
    kept = next(name for name in files if name.endswith("release.json") and '"0002"' in files[name])
    told_ = json.loads(files[kept])
    told_["revisions"][-1][1] = 20  # made behind the maintenance page: --keep-data would be refused
    files[kept] = json.dumps(told_)
    with pytest.raises(SnapshotMissing) as error:
        plan(world)
    assert error.value.hint == "restore brings an older backup back."

    gone = moved()
    gone.host.texts.clear()
    with pytest.raises(ArchiveFailed):
        plan(gone)
