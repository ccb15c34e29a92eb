"""Which release a rollback goes back to where not every one before is another version."""

from __future__ import annotations

import pytest

from llmchat_deploy.apply.records import read_recorded
from llmchat_deploy.errors import NothingToRollBack, PortTaken
from llmchat_deploy.plan.observed import PublishedPort
from llmchat_deploy.plan.steps import CheckEdge, ConfigureEdge, InstallCertificate
from llmchat_deploy.render.edge import EDGE_FOLDER
from tests.unit.certificates import NOW, own, pair
from tests.unit.operations.test_rollback import ENVIRONMENT, NEW, deploy, go, plan, running
from tests.unit.world import SHIPPED, World, an_environment, release_of

YEAR = 366 * 24 * 3600


def test_a_release_that_differs_only_in_its_addresses_is_passed_over() -> None:
    world = World()
    deploy(world)
    there = an_environment(server__api_url="http://192.168.1.100:8000")
    moved_to = an_environment(server__api_url="http://192.168.1.7:8000", server__address="192.168.1.7")
    deploy(world, NEW, there)
    deploy(world, NEW, moved_to)

    assert go(world, environment=moved_to).data.changed

    assert running(world) >= {(box.name, box.digest) for box in release_of(ENVIRONMENT, SHIPPED).services[1:]}
    assert "192.168.1.7:8000" in world.engine.read_folder("llmchat-test-edge", EDGE_FOLDER)["haproxy.cfg"]


def test_what_the_files_say_of_ports_and_certificates_by_now_is_left_to_up() -> None:
    world = World()
    deploy(world)
    deploy(world, NEW)
    world.engine.strangers.append(PublishedPort("::", 3100, "somebody", ""))
    ended = own(pair(now=NOW - 5 * YEAR), server__web_port=3100)

    planned = plan(world, environment=ended)

    check = next(step for step in planned.steps if isinstance(step, CheckEdge))
    assert check.urls == ("http://127.0.0.1:3000/auth", "http://127.0.0.1:8000/health/ready")
    assert not [step for step in planned.steps if isinstance(step, InstallCertificate | ConfigureEdge)]
    assert not planned.warnings
    with pytest.raises(PortTaken):
        world.plan(ended, NEW)


def test_the_addresses_that_are_recorded_are_those_of_the_edge_that_stays() -> None:
    world = World()
    deploy(world)
    deploy(world, NEW)

    gone = go(world, environment=an_environment(server__web_port=8080)).data
    assert gone.changed
    assert gone.urls.web == "http://192.168.1.100:3000"

    recorded = read_recorded(world.host)
    assert recorded is not None
    assert recorded.urls is not None
    assert recorded.urls.web == "http://192.168.1.100:3000"


def test_a_change_of_address_alone_is_nothing_to_roll_back() -> None:
    world = World()
    deploy(world)
    there = an_environment(server__api_url="http://192.168.1.100:8000")
    deploy(world, environment=there)

    with pytest.raises(NothingToRollBack, match="No other version"):
        plan(world, environment=there)
