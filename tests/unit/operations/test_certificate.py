"""The certificate at a glance: in `status`, `health` and `cert show`."""

from __future__ import annotations

import pytest

from llmchat_deploy.apply.observe import observe_running
from llmchat_deploy.errors import RefusedError
from llmchat_deploy.operations.certificate import authority, certificate_checks, show
from tests.unit.certificates import DOMAIN, own, pair
from tests.unit.world import World, an_environment

DAY = 86_400
ENVIRONMENT = own(pair())


@pytest.fixture
def world() -> World:
    world = World()
    world.up(ENVIRONMENT)
    return world


@pytest.mark.parametrize(
    ("days", "level", "said"),
    [(0, "ok", "good until 2028-02-17"), (380, "warning", "ends on 2028-02-17"), (399, "failed", "browsers refuse it")],
)
def test_health_tells_of_its_end(world: World, days: int, level: str, said: str):
    world.host.clock += days * DAY
    (check,) = certificate_checks(ENVIRONMENT, observe_running(ENVIRONMENT, world.host, world.engine).tls)
    assert check.level == level
    assert said in check.detail
    assert bool(check.hint) is (level != "ok")


def test_a_name_that_it_isnt_for_is_told(world: World):
    other = own(pair(), server__address="192.168.1.100").model_copy(
        update={"server": an_environment(server__domain="other.example.com").server}
    )
    (check,) = certificate_checks(other, observe_running(other, world.host, world.engine).tls)
    assert (check.level, "not for other.example.com" in check.detail) == ("warning", True)


def test_an_edge_without_one_fails():
    world = World()
    (check,) = certificate_checks(ENVIRONMENT, observe_running(ENVIRONMENT, world.host, world.engine).tls)
    assert check.level == "failed"


def test_cert_show_tells_the_facts(world: World):
    state = show(ENVIRONMENT, world.host, world.engine).data.certificate
    assert (state.names, state.days_left, state.problem) == ((DOMAIN,), 398, "")


def test_without_https_there_is_nothing_to_show(world: World):
    for ask in (lambda: show(an_environment(), world.host, world.engine), lambda: authority(ENVIRONMENT, world.host)):
        with pytest.raises(RefusedError) as error:
            ask()
        assert "tls.mode" in error.value.hint
