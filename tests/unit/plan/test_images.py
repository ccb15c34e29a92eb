"""Which base the images are built on, and that another one builds them anew."""

from __future__ import annotations

import pytest

from llmchat_deploy.errors import BaseImageMissing
from llmchat_deploy.plan.images import OWN_BASE
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.steps import BuildImage, PullBase
from tests.unit.world import World, an_environment


@pytest.fixture
def world() -> World:
    return World()


def bases(plan: Plan) -> list[str]:
    return [step.base for step in plan.steps if isinstance(step, BuildImage)]


def test_another_base_image_rebuilds_every_image(world):
    world.up(an_environment())
    world.engine.tags.add("debian:trixie-slim")

    assert bases(world.plan(an_environment())) == []
    assert bases(world.plan(an_environment(build__base_image="debian:trixie-slim"))) == ["debian:trixie-slim"] * 3


def test_another_base_image_is_fetched_although_the_one_made_here_is_there(world):
    world.engine.tags.add(OWN_BASE)
    world.engine.registry = True
    first, *_ = world.plan(an_environment(build__base_image="debian:12-slim")).steps

    assert isinstance(first, PullBase)
    assert first.reference == "debian:12-slim"


@pytest.mark.parametrize(
    "reference", ["debian:13-slim", "mirror.example.com:5000/library/debian:trixie", "debian:13.1@sha256:ab"]
)
def test_the_base_made_here_stands_in_for_debian_13_of_any_registry(world, reference):
    world.engine.tags.add(OWN_BASE)

    assert bases(world.plan(an_environment(build__base_image=reference))) == [OWN_BASE] * 3


@pytest.mark.parametrize(
    "reference", ["debian:12-slim", "debian", "debian:1", "ubuntu:13", "mirror.example.com/mine:13"]
)
def test_a_base_image_that_no_registry_has_is_not_replaced_by_another_system(world, reference):
    world.engine.tags.add(OWN_BASE)
    with pytest.raises(BaseImageMissing) as error:
        world.plan(an_environment(build__base_image=reference))

    assert error.value.exit_code == 4
    assert reference in error.value.message
    assert "build.registry_prefix" in error.value.hint
