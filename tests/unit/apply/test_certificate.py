"""A certificate reaches the edge durably first, then at run time, whatever cuts the run; and only when it must."""

from __future__ import annotations

import pytest

from llmchat_deploy.apply.authority import AUTHORITY_FILE, authority_certificate
from llmchat_deploy.config.certificate import read_any
from llmchat_deploy.engine.base import ExecResult
from llmchat_deploy.errors import CertificateEnded, StepFailed
from llmchat_deploy.plan.steps import InstallCertificate, IssueCertificate
from tests.fakes import Killed
from tests.unit.certificates import NOW, internal, own, pair
from tests.unit.world import EDGE, World, an_environment

DAY = 86_400
OLD, NEW = own(pair()), own(pair(now=NOW + DAY))


@pytest.fixture
def world() -> World:
    world = World()
    world.up(OLD)
    world.host.clock = NOW + DAY
    world.rewind()
    return world


def test_the_first_one_lies_there_before_the_edge_starts(world: World):
    assert world.engine.loaded["certificate"].startswith("-----BEGIN PRIVATE KEY-----")
    assert pair().certificate.strip() in world.engine.loaded["certificate"]
    assert world.engine.files["llmchat-test_edge"]["tls.pem"].mode == 0o400
    assert world.plan(OLD).is_empty


def test_a_new_one_is_written_then_committed_and_nothing_else_is_touched(world: World):
    plan = world.plan(NEW)
    world.carry_out(plan, NEW)

    changed = [step for step in plan.steps if not type(step).__name__.startswith(("Check", "Record"))]
    assert [type(step) for step in changed] == [InstallCertificate]
    moved = world.writes.index(f"move {EDGE} /etc/llmchat-edge/tls/next.pem to /etc/llmchat-edge/tls/tls.pem")
    assert moved < world.writes.index(f"commit certificate {EDGE}")
    assert pair(now=NOW + DAY).certificate.strip() in world.engine.loaded["certificate"]
    assert not any("signal" in write or "restart" in write for write in world.writes)
    assert world.plan(NEW).is_empty


@pytest.mark.parametrize("after", [False, True], ids=["write lost", "write done"])
def test_a_run_that_is_killed_anywhere_is_finished_by_the_next(world: World, after: bool):  # noqa: FBT001
    number = 1
    while True:
        world.rewind(kill_at=number, kill_after=after)
        try:
            world.up(NEW)
        except Killed:
            world.rewind()
            world.up(NEW)
            assert pair(now=NOW + DAY).certificate.strip() in world.engine.loaded["certificate"], number
            world.up(OLD)
            number += 1
        else:
            break
    assert number > 4


def test_one_that_the_edge_refuses_is_named_and_the_old_one_stays(world: World):
    world.engine.answers.append(
        lambda name, argv, stdin: ExecResult(0, "unable to load", "") if stdin.startswith(b"set ssl") else None
    )
    with pytest.raises(StepFailed, match="the one before goes on") as error:
        world.up(NEW)

    assert error.value.details == ("unable to load",)
    assert pair().certificate.strip() in world.engine.loaded["certificate"]


def test_https_begins_with_the_certificate_and_then_the_configuration(world: World):
    world = World()
    world.up(an_environment())
    world.rewind()
    world.up(OLD)
    assert "certificate" in world.engine.loaded
    assert world.engine.published[-1].port == 443


def test_one_that_has_ended_changes_nothing(world: World):
    world.host.clock = NOW + 400 * DAY
    with pytest.raises(CertificateEnded, match="ended on 2028-02-18"):
        world.plan(NEW)


def test_its_last_three_weeks_are_told_of(world: World):
    assert world.plan(OLD).warnings == ()
    world.host.clock = NOW + 380 * DAY
    assert "ends on 2028-02-17" in world.plan(OLD).warnings[0]


def test_the_authority_is_made_once_and_signs_for_every_name():
    world, environment = World(), internal(server__address="192.168.1.100")
    world.up(environment)

    first = world.host.state[AUTHORITY_FILE]
    served = read_any(world.engine.stored("certificate.pem") or "")
    assert served
    assert served.names == ("localhost", "192.168.1.100", "127.0.0.1", "::1")
    assert world.host.modes[AUTHORITY_FILE] == 0o600
    assert "PRIVATE" not in authority_certificate(world.host)
    assert world.plan(environment).is_empty

    moved = internal(server__address="10.0.0.7")
    assert any(isinstance(step, IssueCertificate) for step in world.plan(moved).steps)
    world.up(moved)
    assert world.host.state[AUTHORITY_FILE] == first
    assert world.plan(moved).is_empty


@pytest.mark.parametrize(("days", "renews"), [(198, False), (200, True), (500, True)])
def test_the_second_half_of_its_time_renews_it(days: int, renews: bool):  # noqa: FBT001
    world, environment = World(), internal()
    world.up(environment)
    world.host.clock += days * DAY
    assert any(isinstance(step, IssueCertificate) for step in world.plan(environment).steps) is renews


def test_another_authority_signs_anew():
    world, environment = World(), internal()
    world.up(environment)
    del world.host.state[AUTHORITY_FILE]
    world.up(environment)
    assert world.plan(environment).is_empty
    assert world.host.state[AUTHORITY_FILE]


def test_plans_hold_no_key(world: World):
    plan = world.plan(NEW)
    assert "PRIVATE" not in f"{plan!r}{plan.to_json()}"
