"""Plans of ``restart`` as people read them."""

from __future__ import annotations

import pytest

from llmchat_deploy.operations import restart
from llmchat_deploy.operations.parts import Parts
from llmchat_deploy.operations.restart import Asked
from llmchat_deploy.plan.reach import local_urls, published_urls
from llmchat_deploy.plan.steps import ProbeModel, StopSlot, SwitchSlots, WaitHealthy
from tests.unit.world import SHIPPED, World, an_environment, release_of

ENVIRONMENT = an_environment(models__bundled=True)
WHOLE = """\
~ restart model (asked for)
~ wait for model (the next one may need it)
+ start backend (slot b) (asked for)
+ start frontend (slot b) (asked for)
~ wait for backend (slot b) (only a healthy release gets requests)
~ ask the model for a first token (up is not enough: it must be able to chat)
~ wait for frontend (slot b) (only a healthy release gets requests)
~ send requests to backend (slot b) and frontend (slot b) (the new container is proved healthy)
~ check the page and the API (the way a browser comes)
- stop backend (slot a) (the new container serves)
- stop frontend (slot a) (the new container serves)
~ configure the edge (a new worker takes over, the old one finishes what it has)
~ check the page and the API (the way a browser comes)"""


def plan(world: World, *services: str, cut: bool = False):
    parts = Parts(ENVIRONMENT, SHIPPED, world.host, world.engine)
    return restart.plan(parts, Asked(services, cut))


@pytest.fixture
def world() -> World:
    world = World()
    world.up(ENVIRONMENT)
    return world


def test_everything(world):
    assert str(plan(world)) == WHOLE
    assert plan(world).leftovers_at == WHOLE.splitlines().index("- stop backend (slot a) (the new container serves)")
    assert plan(world).expected_downtime == 0


def test_the_edge_by_its_name(world):
    assert str(plan(world, "edge")).splitlines()[0] == "~ restart edge (asked for)"
    assert plan(world, "edge").expected_downtime == 6


def test_a_container_that_stands_in_the_other_slot_goes_before_what_comes(world):
    world.engine.start(release_of(ENVIRONMENT, SHIPPED).service("backend").compose.content, "b")
    steps = plan(world, "backend").steps
    first, *_ = str(plan(world, "backend")).splitlines()

    assert first == "- stop backend (slot b) (the new container needs its place)"
    assert [step.title for step in steps[plan(world, "backend").leftovers_at :]] == ["stop backend (slot a)"]


@pytest.mark.parametrize(("cut", "seconds"), [(False, 600), (True, 0)])
def test_the_old_slot_has_as_long_as_in_an_update(world, cut, seconds):
    assert {step.drain for step in plan(world, cut=cut).steps if isinstance(step, StopSlot)} == {seconds}


def test_nothing_is_switched_to_that_was_not_proved_and_nothing_stops_that_serves(world):
    kinds = [type(step) for step in plan(world).steps]
    switch = kinds.index(SwitchSlots)

    assert all(index < switch for index, kind in enumerate(kinds) if kind in (WaitHealthy, ProbeModel))
    assert all(index > switch for index, kind in enumerate(kinds) if kind is StopSlot)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"server__bind": "0.0.0.0"},  # noqa: S104 - rendered, not bound
        {"server__bind": "::"},
        {"server__bind": "::1", "server__web_port": 3100},
        {"server__address": "chat.example.com", "tls__mode": "internal"},
        {"server__address": "chat.example.com", "tls__mode": "internal", "server__https_port": 8443},
    ],
    ids=str,
)
def test_what_an_edge_publishes_is_asked_as_the_configuration_it_was_started_with_says(changes):
    environment = an_environment(**changes)
    edge = release_of(environment, SHIPPED).service("edge")
    said = [url.replace(":443/", "/") for url in published_urls(edge.compose.content)]

    assert tuple(said) == local_urls(environment)
