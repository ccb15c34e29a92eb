"""``releases`` and ``audit``: the newest first, and as many as were asked for."""

from __future__ import annotations

from llmchat_deploy.operations import restart, up
from llmchat_deploy.operations.parts import Parts
from llmchat_deploy.operations.releases import audit, releases
from tests.unit.world import SHIPPED, World, an_environment

ENVIRONMENT = an_environment()


def a_world() -> World:
    world = World()
    for environment in (ENVIRONMENT, an_environment(models__idle_timeout=60)):
        agreed = up.plan(environment, SHIPPED, world.host, world.engine)
        up.apply(agreed, environment, SHIPPED, world.host, world.engine, world.events.append)
    parts, asked = Parts(ENVIRONMENT, SHIPPED, world.host, world.engine), restart.Asked(("frontend",))
    restart.apply(restart.plan(parts, asked), asked, parts, world.events.append)
    return world


def test_releases_are_runs_that_lead_to_one() -> None:
    world = a_world()
    data = releases(ENVIRONMENT, world.host).data

    assert [run.number for run in data.runs] == [2, 1]
    assert data.current == data.runs[0].release


def test_the_audit_has_every_run() -> None:
    data = audit(ENVIRONMENT, a_world().host).data

    assert [run.command for run in data.runs] == ["restart frontend", "up", "up"]
    assert data.file == "/state/audit.jsonl"


def test_no_more_are_told_than_asked_for() -> None:
    assert [run.number for run in audit(ENVIRONMENT, a_world().host, last=1).data.runs] == [3]
