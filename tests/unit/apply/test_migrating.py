"""A migration that was killed anywhere leaves a rollback the backup from before it, and no later one in its place."""

from __future__ import annotations

import json
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime

import pytest

from llmchat_deploy.apply.audit import audited, read_runs
from llmchat_deploy.apply.migrating import MIGRATING, read_begun
from llmchat_deploy.apply.records import forget_recorded
from llmchat_deploy.errors import StepFailed
from llmchat_deploy.operations.rollback_target import find_target
from tests.fakes import Killed
from tests.sidecars import FOLDER, told
from tests.unit.plan.test_offline import ENVIRONMENT, OFFLINE, before_it, go, image_of
from tests.unit.world import SHIPPED, Sources, World

pytestmark = pytest.mark.slow

ONLINE = OFFLINE.with_version("offline", "")
VOLUME = "llmchat-test_backend-db"


@pytest.fixture
def world() -> World:
    world = before_it()
    go(world, SHIPPED)  # written down, so that it can be gone back to
    for number in range(1, 6):
        sidecar = told(number, datetime(2026, 11, 25, 10, 15, tzinfo=UTC))
        world.host.texts[f"{FOLDER}/llmchat-test-{sidecar['id']}.json"] = json.dumps(sidecar)
    world.rewind()
    return world


def backups(world: World) -> set[str]:
    return {name.removeprefix("llmchat-test-").removesuffix(".tar.zst") for name in world.host.archive.held}


def snapshot(world: World) -> str:
    """Return the backup that a rollback to the release before would bring back."""
    first = read_runs(world.host)[0].release
    return find_target(ENVIRONMENT, world.host, first, keep_data=False).snapshot


@pytest.mark.parametrize("after", [False, True], ids=["write lost", "write done"])
@pytest.mark.parametrize("sources", [OFFLINE, ONLINE], ids=["offline", "online"])
def test_killed_at_every_write_once_and_twice_a_rollback_still_finds_the_backup_from_before(
    world: World,
    sources: Sources,
    after: bool,  # noqa: FBT001
) -> None:
    world.engine.offline = dict(sources.versions)["offline"]
    uncut = deepcopy(world)
    go(uncut, sources)
    count = len(uncut.writes)

    for first in range(1, count + 1):
        for second in (None, *range(1, count + 1, 4)):
            cut, good = deepcopy(world), set[str]()
            for at in (first, second, None):
                was_changed = cut.engine.database == "0002"
                cut.rewind(kill_at=at, kill_after=after)
                with suppress(Killed):
                    go(cut, sources)
                good = good if was_changed else backups(cut)
                if sources is OFFLINE and cut.engine.database == "0002":
                    assert snapshot(cut) in good, f"right after it was killed at writes {first} and {second}"
            assert snapshot(cut) in good, f"killed at writes {first} and {second}"
            assert MIGRATING not in cut.host.state


@pytest.mark.parametrize("command", ["up", "backup schedule --every 6h"])
def test_behind_the_page_no_backup_is_made_of_what_may_have_changed_already(world: World, command: str) -> None:
    uncut = deepcopy(world)
    go(uncut)
    world.rewind(kill_at=1 + uncut.writes.index("run once llmchat-backend migrate"), kill_after=True)
    with pytest.raises(Killed):
        go(world)
    world.rewind()
    go(world, command=command)

    assert "job create" not in world.writes
    run = read_runs(world.host)[-1]
    assert (run.schema_before, run.schema_after, run.backup) == ("0001", "0002", "20261125-101500-0001")


def test_beside_a_release_that_serves_the_newer_backup_counts_where_nothing_had_changed(world: World) -> None:
    world.engine.offline = ""
    world.engine.tape.fail["run once"] = StepFailed("The engine went away.")
    with pytest.raises(StepFailed):
        go(world, ONLINE)
    world.rewind()
    go(world, ONLINE)

    assert read_runs(world.host)[-1].backup == "20261125-101500-0002"


def test_where_the_release_before_serves_again_the_note_is_gone(world: World) -> None:
    world.engine.broken = {image_of(OFFLINE)}
    with pytest.raises(StepFailed):
        go(world)

    assert read_begun(world.host, VOLUME) is None
    assert snapshot(world) == ""


@pytest.mark.parametrize("text", ["{", "[]", '{"llmchat-test_backend-db": {"before": "0001"}}'])
def test_what_can_t_be_read_counts_as_none(world: World, text: str) -> None:
    world.host.state[MIGRATING] = text
    assert read_begun(world.host, VOLUME) is None
    with audited(world.host, world.engine, "up", world.plan(ENVIRONMENT)):
        pass


def test_where_the_data_is_gone_so_is_the_note(world: World) -> None:
    world.host.state[MIGRATING] = json.dumps({VOLUME: {"before": "0001", "backup": "x", "offline": False}})
    forget_recorded(world.host)
    assert MIGRATING not in world.host.state
