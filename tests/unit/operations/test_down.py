"""``down`` as an operation: what goes, what stays, and that it says so."""

from __future__ import annotations

import pytest

from llmchat_deploy.errors import PlanChanged
from llmchat_deploy.operations import down
from tests.unit.world import World, an_environment

ENVIRONMENT = an_environment()


@pytest.fixture
def world() -> World:
    world = World()
    world.up(ENVIRONMENT)
    world.rewind()
    return world


def apply(world: World, agreed, *, volumes: bool = False):
    return down.apply(agreed, ENVIRONMENT, world.host, world.engine, world.events.append, volumes=volumes)


def test_containers_go_and_data_stays(world):
    outcome = apply(world, down.plan(ENVIRONMENT, world.host, world.engine, volumes=False))

    assert world.engine.boxes == {}
    assert outcome.data.kept_volumes == ("llmchat-test_backend-db", "llmchat-test_edge")
    assert len(outcome.data.removed_volumes) == 2


def test_the_edge_goes_first_so_that_nobody_is_sent_to_what_has_gone(world):
    apply(world, down.plan(ENVIRONMENT, world.host, world.engine, volumes=False))

    assert world.writes[1] == "remove container llmchat-test-edge"
    assert world.engine.cut_off == []


def test_with_volumes_nothing_is_left_and_up_starts_anew(world):
    outcome = apply(world, down.plan(ENVIRONMENT, world.host, world.engine, volumes=True), volumes=True)

    assert outcome.data.kept_volumes == ()
    assert world.engine.volume_projects == {}
    assert world.up(ENVIRONMENT).admin_password


def test_another_environment_is_not_touched(world):
    other = World(world.engine)
    elsewhere = an_environment(name="o", project="llmchat-o", server__web_port=1, server__api_port=2)
    other.up(elsewhere)
    theirs = {name for name, box in world.engine.boxes.items() if box.project == "llmchat-o"}

    apply(world, down.plan(ENVIRONMENT, world.host, world.engine, volumes=True), volumes=True)

    assert set(world.engine.boxes) == theirs
    assert len(theirs) == 3


def test_agreeing_to_keep_data_is_no_agreement_to_lose_it(world):
    agreed = down.plan(ENVIRONMENT, world.host, world.engine, volumes=False)

    with pytest.raises(PlanChanged):
        apply(world, agreed, volumes=True)

    assert world.writes == []


def test_what_has_only_our_name_is_left_alone(world):
    by_hand(world)

    outcome = apply(world, down.plan(ENVIRONMENT, world.host, world.engine, volumes=False))

    assert "llmchat-test_slots" in outcome.data.kept_volumes
    assert "llmchat-test" in world.engine.network_projects


def test_what_has_only_our_name_is_a_loss_that_is_named_and_asked_for(world):
    by_hand(world)

    agreed = down.plan(ENVIRONMENT, world.host, world.engine, volumes=True)
    assert agreed.is_destructive
    assert agreed.losses == (
        "llmchat-test: it has a name of this environment, but this tool didn't make it",
        "llmchat-test_backend-db: all accounts, conversations and attachments",
        "llmchat-test_slots: it has a name of this environment, but this tool didn't make it",
    )
    apply(world, agreed, volumes=True)

    assert world.engine.volume_projects == world.engine.network_projects == {}


def by_hand(world: World) -> None:
    """Let data, sockets and network have been made by somebody else."""
    for name in ("llmchat-test_backend-db", "llmchat-test_slots"):
        world.engine.volume_projects[name] = ("", "")
    world.engine.network_projects["llmchat-test"] = ""
