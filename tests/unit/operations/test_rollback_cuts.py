"""A rollback that is killed at any of its writes is finished by the next command, the same one or ``up``."""

from __future__ import annotations

from copy import deepcopy

import pytest

from llmchat_deploy.apply.audit import read_runs
from tests.fakes import Killed
from tests.unit.operations.test_rollback import ENVIRONMENT, NEW, deploy, go, plan, running
from tests.unit.world import World


@pytest.fixture
def world() -> World:
    world = World()
    deploy(world)
    deploy(world, NEW)
    world.rewind()
    return world


@pytest.mark.parametrize("after", [False, True], ids=["write lost", "write done"])
def test_a_rollback_that_is_killed_anywhere_is_finished_by_the_next(world: World, after: bool) -> None:  # noqa: FBT001
    first = read_runs(world.host)[0].release
    uncut = deepcopy(world)
    go(uncut, first)

    for number, write in enumerate(uncut.writes, 1):
        cut = deepcopy(world)
        cut.rewind(kill_at=number, kill_after=after)
        with pytest.raises(Killed):
            go(cut, first)
        cut.host.locked = False
        cut.rewind()
        if not plan(cut, first).is_empty:
            go(cut, first)

        assert cut.state() == uncut.state(), f"killed at write {number}: {write}"
        assert cut.engine.cut_off == [], f"killed at write {number}: {write}"


def test_a_rollback_that_is_killed_can_be_left_by_up_as_well(world: World) -> None:
    uncut = deepcopy(world)
    for number in range(1, 30, 3):
        cut = deepcopy(world)
        cut.rewind(kill_at=number)
        try:
            go(cut)
        except Killed:
            cut.host.locked = False
        cut.rewind()
        if not cut.plan(ENVIRONMENT, NEW).is_empty:
            deploy(cut, NEW)

        assert running(cut) == running(uncut)
        assert cut.engine.cut_off == []
