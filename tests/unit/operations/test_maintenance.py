"""The maintenance page in ``status`` and ``health``: since when it stands, who works behind it, and what ends it."""

from __future__ import annotations

import pytest

from llmchat_deploy.apply.maintenance import MAINTENANCE
from llmchat_deploy.host.base import LockHolder
from llmchat_deploy.operations.health import health
from llmchat_deploy.operations.status import StatusData, status
from tests.unit.apply.test_maintenance import SHOWN, kill
from tests.unit.plan.test_offline import ENVIRONMENT, OLD, before_it
from tests.unit.world import SHIPPED, World

UP = "llmchat-deploy up --env test"
ENDED = "the command that showed it has ended before its work was done"


@pytest.fixture
def world() -> World:
    return before_it()


@pytest.fixture
def killed(world: World) -> World:
    """Return a machine whose ``up`` was killed when the page stood and the old backend had stopped."""
    kill(world, f"stop {OLD}")
    return world


def look(world: World) -> StatusData:
    return status(ENVIRONMENT, SHIPPED, world.host, world.engine).data


def test_without_a_page_nothing_is_said(world: World) -> None:
    assert look(world).maintenance is None
    assert "maintenance" not in [check.name for check in health(ENVIRONMENT, world.host, world.engine).data.checks]


def test_a_page_that_a_killed_run_left_is_told_with_what_to_do(killed: World) -> None:
    killed.host.clock += 3600
    page = look(killed).maintenance

    assert page is not None
    assert (page.since, page.holder, page.detail, page.hint) == (SHOWN, None, ENDED, UP)
    assert killed.writes == []


def test_nobody_serves_behind_it_and_the_environment_is_not_up(killed: World) -> None:
    killed.engine.restart(OLD, timeout=1)  # as somebody does by hand: the edge sends nobody there
    data = look(killed)

    assert data.state == "partial"
    assert [item.active for item in data.services if item.service == "backend"] == [False]
    assert {item.active for item in data.services if item.service == "edge"} == {True}


def test_health_fails_and_names_the_page_before_all_else(killed: World) -> None:
    killed.host.http["http://127.0.0.1:3000/auth"] = 503
    outcome = health(ENVIRONMENT, killed.host, killed.engine)
    page, checks = outcome.data.checks[0], {check.name: check for check in outcome.data.checks}

    assert outcome.exit_code == 9
    assert (page.name, page.level, page.hint) == ("maintenance", "failed", UP)
    assert page.detail == f"the page is shown since {SHOWN}; {ENDED}"
    assert (checks["backend"].detail, checks["backend"].hint) == ("exited", "")
    assert (checks["page"].detail, checks["page"].hint) == ("http://127.0.0.1:3000/auth answers 503", "")


@pytest.mark.parametrize(
    ("reason", "works"),
    [
        ("up", True),
        ("rollback 20261128-abc", True),
        ("backup schedule --off", True),
        ("backup", False),
        ("update", False),
    ],
)
def test_whoever_is_at_it_is_named(killed: World, reason: str, works: bool) -> None:  # noqa: FBT001
    killed.host.held_by = LockHolder("li", "srv", 7, SHOWN, reason)
    page = look(killed).maintenance

    assert page is not None
    assert (page.holder is not None) is works
    assert page.detail == (f"'{reason}' of li on srv is at it, and ends it" if works else ENDED)
    assert page.hint.endswith(UP)


def test_a_page_of_which_nobody_noted_the_time_is_told_without_it(killed: World) -> None:
    killed.host.state[MAINTENANCE] = "half a li"
    page = look(killed).maintenance

    assert page is not None
    assert page.since is None
    assert health(ENVIRONMENT, killed.host, killed.engine).data.checks[0].detail == f"the page is shown; {ENDED}"
