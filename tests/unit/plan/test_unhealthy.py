"""What becomes of a container that runs and is unhealthy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.world import World, an_environment


@pytest.fixture
def deployed() -> World:
    world = World()
    world.up(an_environment())
    world.rewind()
    return world


@pytest.mark.parametrize("service", ["backend", "frontend"])
def test_a_slot_that_runs_but_is_unhealthy_serves_on_until_the_other_is_proved(deployed, service):
    box = deployed.engine.boxes[f"llmchat-test-{service}-a"]
    deployed.engine.boxes[box.name] = replace(box, health="unhealthy")
    lines = str(deployed.plan(an_environment())).splitlines()
    begun = lines.index(f"+ start {service} (slot b) (it is unhealthy)")
    proved = lines.index(f"~ wait for {service} (slot b) (only a healthy release gets requests)")
    gone = lines.index(f"- stop {service} (slot a) (the new release serves)")
    assert begun < proved < gone


def test_a_container_that_runs_but_is_unhealthy_is_restarted_because_compose_would_leave_it_alone(deployed):
    box = deployed.engine.boxes["llmchat-test-edge"]
    deployed.engine.boxes[box.name] = replace(box, health="unhealthy")

    assert str(deployed.plan(an_environment())).splitlines()[0] == "~ restart edge (it is unhealthy)"
