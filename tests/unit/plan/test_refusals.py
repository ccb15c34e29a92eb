"""What stops a deploy before it changes anything."""

from __future__ import annotations

import pytest

from llmchat_deploy.errors import PortTaken, VolumeMissing
from llmchat_deploy.plan.observed import PublishedPort
from tests.unit.world import TellingHost, World, an_environment


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def deployed(world: World) -> World:
    world.up(an_environment())
    world.rewind()
    return world


def test_a_missing_data_volume_stops_the_deploy(deployed):
    deployed.down(an_environment())
    deployed.engine.remove_volume("llmchat-test_backend-db")

    with pytest.raises(VolumeMissing) as refusal:
        deployed.plan(an_environment())

    assert refusal.value.message == (
        "The data volume llmchat-test_backend-db was there and is gone; starting now would begin with empty data."
    )
    assert refusal.value.hint == (
        "llmchat-deploy restore latest brings the newest backup back."
        " To start anew on purpose: llmchat-deploy down --volumes, then up."
    )
    assert str(deployed.plan_down(an_environment(), volumes=True)).splitlines()[-1] == (
        "- forget the recorded release (its data is gone)"
    )


def test_a_taken_port_names_its_holder(world):
    world.host.ports[3000] = "nginx (process 4242)"
    world.engine.strangers.append(PublishedPort("127.0.0.1", 8000, "grafana", ""))

    with pytest.raises(PortTaken) as refusal:
        world.plan(an_environment())

    assert refusal.value.message == (
        "port 3000 on 0.0.0.0 is held by nginx (process 4242); port 8000 on 0.0.0.0 is held by container grafana."
    )
    assert "FRONTEND_PORT" in refusal.value.hint
    assert world.writes == []


def test_a_port_of_another_environment_names_that_environment(deployed):
    other = an_environment(name="other", project="llmchat-other")
    deployed.host = TellingHost(deployed.engine)  # a state folder of its own

    with pytest.raises(PortTaken, match=r"held by container llmchat-test-edge \(environment project llmchat-test\)"):
        deployed.plan(other)


def test_the_same_port_on_another_address_is_no_conflict(world):
    world.engine.strangers.append(PublishedPort("192.168.1.7", 3000, "grafana", ""))

    assert not world.plan(an_environment(server__bind="127.0.0.1")).is_empty


def test_data_that_somebody_else_put_there_is_named_until_a_run_has_used_it(world):
    environment = an_environment()
    world.engine.volume_projects["llmchat-test_backend-db"] = ("", "")
    world.engine.network_projects["llmchat-test"] = ""

    plan = world.plan(environment)
    assert plan.adopts == ("llmchat-test_backend-db",)
    assert plan.warnings == (
        "The volume llmchat-test_backend-db is there, though this tool didn't make it; it is used as it is.",
        "The network llmchat-test is there, though this tool didn't make it; it is used as it is.",
    )
    assert "create volume llmchat-test_backend-db" not in str(plan)

    world.carry_out(plan, environment)
    after = world.plan(environment)
    assert (after.is_empty, after.adopts, after.warnings) == (True, (), ())


def test_data_that_another_tool_restored_is_not_missing(deployed):
    del deployed.engine.volume_projects["llmchat-test_backend-db"]
    deployed.engine.volume_projects["llmchat-test_backend-db"] = ("", "")

    assert deployed.plan(an_environment()).is_empty


def test_keys_of_others_are_left_where_they_are(deployed):
    deployed.engine.volume_projects["llmchat-test_keys-0123456789ab"] = ("", "")

    assert deployed.plan(an_environment()).is_empty
