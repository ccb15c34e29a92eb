"""What is read before planning: only what planning needs, and nothing is changed by it."""

from __future__ import annotations

from dataclasses import replace

from llmchat_deploy.apply.observe import active_slots, observe, observe_running
from llmchat_deploy.plan.images import OWN_BASE
from llmchat_deploy.plan.observed import EdgeFiles, PublishedPort
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.release import Slot, Slots
from tests.unit.world import EDGE, SHIPPED, World, an_environment, release_of

ENVIRONMENT = an_environment()
RELEASE = release_of(ENVIRONMENT, SHIPPED)


def look(world: World):
    return observe(ENVIRONMENT, RELEASE, world.host, world.engine)


def test_an_empty_machine():
    observed = look(World())

    assert observed.containers == observed.volumes == observed.networks == observed.conflicts == ()
    assert observed.recorded is None
    assert observed.stored_release is None
    assert observed.slots == Slots()
    assert observed.edge == EdgeFiles()


def test_a_deployed_one():
    world = World()
    world.up(ENVIRONMENT)
    world.rewind()
    observed = look(world)

    assert observed.slots == active_slots(Names("llmchat-test"), world.engine) == Slots(Slot.A, Slot.A)
    assert observed.stored_release == RELEASE.digest
    assert [box.service for box in observed.containers] == ["backend", "edge", "frontend"]
    assert observed.conflicts == ()  # its own edge holds the ports
    assert observe_running(ENVIRONMENT, world.host, world.engine).containers == observed.containers
    assert world.writes == []


def test_a_stopped_edge_still_says_who_serves():
    world = World()
    world.up(ENVIRONMENT)
    world.engine.stop_by_hand(EDGE)

    assert look(world).slots == Slots(Slot.A, Slot.A)


def test_a_port_is_taken_from_a_stopped_edge():
    world = World()
    world.up(ENVIRONMENT)
    world.engine.stop_by_hand(EDGE)
    world.host.ports[8000] = "python3 (process 77)"

    (conflict,) = look(world).conflicts
    assert (conflict.port, conflict.holder) == (8000, "python3 (process 77)")


def test_the_port_for_figures_is_looked_for_on_the_loopback_address() -> None:
    world = World()
    world.host.listeners[9100] = {"127.0.0.1": "node_exporter (process 9)"}
    environment = an_environment(server__metrics_port=9100)
    release = release_of(environment, SHIPPED)

    (conflict,) = observe(environment, release, world.host, world.engine).conflicts
    assert (conflict.bind, conflict.port, conflict.holder) == ("127.0.0.1", 9100, "node_exporter (process 9)")


def test_widening_the_address_finds_who_holds_the_port_elsewhere():
    world = World()
    world.up(an_environment(server__bind="127.0.0.1"))
    world.host.listeners[3000] = {"192.168.1.100": "nginx (process 4242)", "127.0.0.1": "docker-proxy (process 7)"}
    world.engine.strangers = [PublishedPort("192.168.1.100", 8000, "grafana", "")]

    conflicts = look(world).conflicts
    assert [(item.port, item.holder) for item in conflicts] == [
        (3000, "nginx (process 4242)"),
        (8000, "container grafana"),
    ]


def test_what_the_edge_holds_is_free_to_its_successor_on_another_address():
    world = World()
    world.up(an_environment(server__bind="127.0.0.1"))
    world.host.listeners[3000] = {"127.0.0.1": "docker-proxy (process 7)"}

    assert look(world).conflicts == ()


def test_the_registry_is_asked_only_where_something_must_be_built_on_nothing():
    asked: list[str] = []

    def asking(tags: set[str]) -> list[str]:
        asked.clear()
        world = World()
        world.engine.tags |= tags
        world.engine.registry_has = lambda reference, *, timeout: bool(asked.append(reference))  # type: ignore[method-assign]
        look(world)
        return asked

    built = {image.tag for image in RELEASE.images}
    assert asking(set()) == ["debian:13-slim"]
    assert asking({OWN_BASE}) == []
    assert asking({"debian:13-slim"}) == []
    assert asking(built) == []


def test_a_container_that_publishes_on_another_address_holds_nothing():
    world = World()
    world.engine.strangers = [PublishedPort("10.0.0.7", 3000, "other", "")]
    local = an_environment(server__bind="127.0.0.1")

    assert observe(local, release_of(local, SHIPPED), world.host, world.engine).conflicts == ()
    world.engine.strangers = [replace(world.engine.strangers[0], bind="::")]
    assert len(observe(local, release_of(local, SHIPPED), world.host, world.engine).conflicts) == 1
