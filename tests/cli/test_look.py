"""Commands that only look: status, health, logs."""

from __future__ import annotations

import pytest

from llmchat_deploy.host.base import LockHolder
from llmchat_deploy.render.release import Slot, Slots
from llmchat_deploy.render.slots import render_slots
from tests.cli.conftest import FakeWorld, Run


def test_status_of_what_runs(deployed: Run) -> None:
    ran = deployed("status")
    assert ran.code == 0
    assert ran.out.startswith("production is up: release ")
    assert "backend (slot a, serving)    healthy" in ran.out
    assert "http://192.168.1.100:3000" in ran.out


def test_status_before_anything_runs(run: Run) -> None:
    ran = run("status")
    assert ran.code == 0
    assert ran.out.startswith("production is down: never deployed")


def test_status_says_when_the_files_describe_another_release(deployed: Run, world: FakeWorld) -> None:
    world.templates_.sources["frontend"] = "1" * 64
    ran = deployed("status")
    assert "out of date" in ran.out
    assert "llmchat-deploy plan --env production" in ran.out


def test_health_of_what_runs(deployed: Run) -> None:
    ran = deployed("health")
    assert ran.code == 0
    assert "✓ backend" in ran.out
    assert "production is well." in ran.out


def test_health_of_nothing_is_9_with_what_to_do(run: Run) -> None:
    ran = run("health")
    assert ran.code == 9
    assert "✗ backend" in ran.out
    assert "→ llmchat-deploy up --env production" in ran.out


@pytest.fixture
def closed(deployed: Run, world: FakeWorld) -> Run:
    """A maintenance page that a command which died has left."""
    host = world.host("llmchat-production")
    slots = render_slots(world.templates_, Slots(Slot.A, Slot.A, maintenance=True))
    world.engine_.put_files("llmchat-production_edge", "image", "edge", (slots,))
    host.state["maintenance.json"] = '{"since": "2027-01-15T08:00:00+00:00"}'
    return deployed


def test_status_says_that_the_maintenance_page_is_shown_since_when_and_what_ends_it(closed: Run) -> None:
    ran = closed("status")
    assert ran.code == 0
    assert ran.out.startswith("production is partial: release ")
    assert (
        "The maintenance page is shown since 2027-01-15 08:00:00 UTC; the command that showed it has ended before its"
        " work was done → llmchat-deploy up --env production\n"
    ) in ran.out
    assert "backend (slot a, not serving)" in ran.out
    told = closed("status", "--json").document["data"]["maintenance"]
    assert (told["since"], told["holder"]) == ("2027-01-15T08:00:00+00:00", None)
    assert told["hint"] == "llmchat-deploy up --env production"


def test_status_names_who_is_at_work_behind_the_page(closed: Run, world: FakeWorld) -> None:
    world.host("llmchat-production").held_by = LockHolder("li", "srv", 7, "2027-01-15T07:59:00+00:00", "up")
    assert (
        "; 'up' of li on srv is at it, and ends it → Should that command die: llmchat-deploy up" in closed("status").out
    )
    assert closed("status", "--json").document["data"]["maintenance"]["holder"]["who"] == "li"


def test_health_behind_the_page_is_9(closed: Run) -> None:
    ran = closed("health")
    assert ran.code == 9
    assert ran.out.startswith("✗ maintenance    the page is shown since 2027-01-15T08:00:00+00:00; the command ")
    assert "→ llmchat-deploy up --env production" in ran.out


def test_without_a_page_there_is_none_in_json(deployed: Run) -> None:
    assert deployed("status", "--json").document["data"]["maintenance"] is None


def test_logs_carry_their_service(deployed: Run, world: FakeWorld) -> None:
    world.engine_.log_text["llmchat-production-backend-a"] = "one\ntwo [not markup]\nthree\n"
    ran = deployed("logs", "backend", "--tail", "2")
    assert ran.out == "backend-a  | two [not markup]\nbackend-a  | three\n"


def test_logs_of_an_unknown_service_name_the_nearest(deployed: Run) -> None:
    ran = deployed("logs", "backnd")
    assert ran.code == 6
    assert "Did you mean 'backend'?" in ran.err


def test_logs_in_json_are_one_document(deployed: Run, world: FakeWorld) -> None:
    world.engine_.log_text["llmchat-production-edge"] = "hello\n"
    lines = deployed("logs", "edge", "--json").document["data"]["lines"]
    assert lines == [{"service": "edge", "text": "hello"}]


def test_following_and_json_exclude_each_other(deployed: Run) -> None:
    assert deployed("logs", "-f", "--json").code == 2
