"""Images that stand on an old base are built anew by an update, once, and whatever cuts it is gone on with."""

from __future__ import annotations

from copy import deepcopy

import pytest

from llmchat_deploy.config.model import Environment
from llmchat_deploy.operations.up import plan as planned
from llmchat_deploy.plan.edge import DOWNTIME_SECONDS
from llmchat_deploy.plan.images import OWN_BASE
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.steps import BuildImage, MakeBase, PullBase
from llmchat_deploy.plan.up import UpOptions
from tests.fakes import Killed
from tests.unit.world import SHIPPED, World, an_environment

PRODUCTION = an_environment()
DAY = 86_400


def update(world: World, environment: Environment = PRODUCTION) -> Plan:
    return planned(environment, SHIPPED, world.host, world.engine, UpOptions(renew_base=True))


def up(world: World) -> Plan:
    return planned(PRODUCTION, SHIPPED, world.host, world.engine)


@pytest.fixture
def world() -> World:
    """Return a machine that was deployed to fifteen days ago."""
    world = World()
    world.carry_out(up(world), PRODUCTION)
    world.host.clock += 15 * DAY
    return world


def test_old_images_are_built_anew_on_a_new_base_and_what_that_costs_is_announced(world: World) -> None:
    plan = update(world)
    builds = [step for step in plan.steps if isinstance(step, BuildImage)]
    assert [isinstance(step, MakeBase) for step in plan.steps].count(True) == 1
    assert [(step.base, step.fresh) for step in builds] == [(OWN_BASE, True)] * 3
    assert plan.expected_downtime == DOWNTIME_SECONDS
    world.carry_out(plan, PRODUCTION)
    assert (update(world).is_empty, up(world).is_empty) == (True, True)


def test_up_alone_leaves_them(world: World) -> None:
    assert up(world).is_empty


def test_younger_ones_are_left_and_so_are_all_where_it_is_forbidden(world: World) -> None:
    assert update(world, an_environment(build__base_max_age_days=0)).is_empty
    world.host.clock -= 2 * DAY
    assert update(world).is_empty


def test_it_happens_again_after_another_fortnight(world: World) -> None:
    world.carry_out(update(world), PRODUCTION)
    world.host.clock += 14 * DAY
    assert update(world).is_empty
    world.host.clock += 2 * DAY
    assert not update(world).is_empty


def test_a_registry_that_answers_gives_the_base(world: World) -> None:
    world.engine.registry = True
    plan = update(world)
    assert [step.reference for step in plan.steps if isinstance(step, PullBase)] == ["debian:13-slim"]
    world.carry_out(plan, PRODUCTION)
    later = planned(PRODUCTION, SHIPPED.with_version("frontend", "2"), world.host, world.engine)
    assert [step.base for step in later.steps if isinstance(step, BuildImage)] == ["debian:13-slim"]


def test_a_base_of_ones_own_that_no_registry_has_is_built_on_again() -> None:
    world, own = World(), an_environment(build__base_image="debian:12-slim")
    world.engine.built("debian:12-slim", "", world.host.clock)
    world.carry_out(planned(own, SHIPPED, world.host, world.engine), own)
    world.host.clock += 15 * DAY
    assert [step.base for step in update(world, own).steps if isinstance(step, BuildImage)] == ["debian:12-slim"] * 3


@pytest.mark.parametrize("after", [False, True], ids=["write lost", "write done"])
def test_cut_anywhere_the_next_up_goes_on(world: World, after: bool) -> None:  # noqa: FBT001 - pytest passes it
    plan = update(world)
    world.rewind()
    uncut = deepcopy(world)
    uncut.carry_out(plan, PRODUCTION)
    for number in range(2, len(uncut.writes) + 1):
        cut = deepcopy(world)
        cut.rewind(kill_at=number, kill_after=after)
        with pytest.raises(Killed):
            cut.carry_out(plan, PRODUCTION)
        cut.rewind()
        cut.carry_out(up(cut), PRODUCTION)
        assert {box.image for box in cut.engine.boxes.values()} == {box.image for box in uncut.engine.boxes.values()}
        assert update(cut).is_empty
