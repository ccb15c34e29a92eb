"""Once the database has changed behind the maintenance page, whatever fails names the way back and nothing untrue."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy

import pytest

from llmchat_deploy.engine.base import ExecResult
from llmchat_deploy.errors import StepFailed, Unhealthy
from llmchat_deploy.host.base import CommandResult
from llmchat_deploy.operations.update import add_way_back
from llmchat_deploy.render.release import Slot
from tests.fakes import Killed
from tests.unit.plan.test_offline import ENVIRONMENT, LATER, OTHER, before_it, go
from tests.unit.world import SHIPPED, World, an_environment

BACKED_UP = an_environment(backup__schedule="every 6h")
COMMIT = "3f2c1a9b7d5e0000"
NEW = "llmchat-test-backend-b"
UNTRUE = re.compile("still (runs|serves)|goes on serving|[Nn]othing was|was removed")
UNRESOLVED = "1\n# be_id\n4 backend 2 b - 2 32 1 1 28 1 0 2 0 0 0 0 - 0 - 0 0 - - 0\n"


@pytest.fixture
def world() -> World:
    return before_it()


def start(world: World) -> None:
    world.host.failing[f"docker compose --project-name {NEW}"] = CommandResult(1, "", "no such device")


def wait(world: World) -> None:
    world.engine.unhealthy = {"backend"}


def switch(world: World) -> None:
    world.engine.answers.append(
        lambda _name, _argv, stdin: ExecResult(0, "No such server.", "") if b"backend/b state ready" in stdin else None
    )


def find(world: World) -> None:
    world.engine.answers.append(
        lambda _name, _argv, stdin: ExecResult(0, UNRESOLVED, "") if stdin == b"show servers state\n" else None
    )


def check(world: World) -> None:
    world.host.http["http://127.0.0.1:3000/auth"] = 503


def schedule(world: World) -> None:
    world.host.failing["docker compose --project-name llmchat-test --file"] = CommandResult(1, "", "no such device")


def cut(world: World) -> None:
    """Change the database, and be killed before the new backend starts."""
    uncut = deepcopy(world)
    go(uncut)
    world.rewind(kill_at=1 + uncut.writes.index(f"compose up {NEW}"))
    with pytest.raises(Killed):
        go(world)
    world.rewind()


@pytest.mark.parametrize("resumed", [False, True], ids=["at once", "in the next run"])
@pytest.mark.parametrize("trouble", [start, wait, switch, find, check, schedule])
def test_whatever_fails_then_names_the_way_back(
    world: World,
    trouble: Callable[[World], None],
    resumed: bool,  # noqa: FBT001
) -> None:
    recorded = world.plan(ENVIRONMENT, SHIPPED).release
    wish = BACKED_UP if trouble is schedule else ENVIRONMENT
    if resumed:
        cut(world)
    trouble(world)
    with pytest.raises((StepFailed, Unhealthy)) as failed:
        go(world, environment=wish)

    error = failed.value
    assert error.way_back == f"llmchat-deploy rollback {recorded} brings release and data from before back."
    assert error.hint.endswith(error.way_back)
    assert not UNTRUE.search(f"{error.message} {error.hint}")
    said = error.hint
    add_way_back(error, COMMIT, "test")
    assert error.hint == said, "the old version can't be started on the changed database"
    assert world.engine.serving.backend is (Slot.B if trouble in {check, schedule} else None)


def test_a_build_that_fails_while_the_page_stands_does_not_say_that_somebody_is_served(world: World) -> None:
    cut(world)
    world.host.failing["docker build"] = CommandResult(1, "", "no space")
    with pytest.raises(StepFailed) as failed:
        go(world, LATER)

    assert failed.value.way_back
    assert not UNTRUE.search(f"{failed.value.message} {failed.value.hint}")


@pytest.mark.parametrize("trouble", [start, switch, find])
def test_where_nothing_was_changed_it_says_who_serves_and_names_no_way_back(
    world: World, trouble: Callable[[World], None]
) -> None:
    trouble(world)
    with pytest.raises(StepFailed) as failed:
        go(world, SHIPPED, OTHER)

    assert failed.value.way_back == ""
    assert trouble is switch or UNTRUE.search(f"{failed.value.message} {failed.value.hint}")
    add_way_back(failed.value, COMMIT, "test")
    assert failed.value.hint.endswith("The version before: llmchat-deploy update --ref 3f2c1a9b7d5e --env test")
