"""``status``: what runs, whether it is what was asked for, and since when."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.operations.status import status
from tests.sidecars import put, put_state
from tests.unit.world import SHIPPED, World, an_environment

ENVIRONMENT = an_environment()


@pytest.fixture
def world() -> World:
    world = World()
    world.up(ENVIRONMENT)
    world.rewind()
    return world


def look(world: World, environment=ENVIRONMENT):
    outcome = status(environment, SHIPPED, world.host, world.engine)
    assert isinstance(outcome, Outcome)
    return outcome.data


def test_everything_runs(world):
    data = look(world)

    assert data.state == "up"
    assert [(item.service, item.slot, item.active, item.up_to_date) for item in data.services] == [
        ("backend", "a", True, True),
        ("edge", "", True, True),
        ("frontend", "a", True, True),
    ]
    assert data.release == data.wanted
    assert data.deployed_at == "2027-01-15T08:00:00+00:00"
    assert data.services[0].memory == 50 * 2**20
    assert world.writes == []


def test_a_machine_without_anything():
    data = look(World())

    assert (data.state, data.release, data.deployed_at, data.services) == ("down", None, None, ())


def test_down_keeps_what_was_deployed_last(world):
    world.down(ENVIRONMENT)

    assert look(world).state == "down"
    assert look(world).release is not None


@pytest.mark.parametrize("change", [{"state": "exited"}, {"health": "unhealthy"}])
def test_one_of_them_does_not_do(world, change):
    name = "llmchat-test-frontend-a"
    world.engine.boxes[name] = replace(world.engine.boxes[name], **change)

    assert look(world).state == "partial"


def test_a_changed_setting_shows_what_is_out_of_date(world):
    data = look(world, an_environment(auth__token_minutes=5))

    assert [item.service for item in data.services if not item.up_to_date] == ["backend"]
    assert data.release != data.wanted


ELSEWHERE = an_environment(server__address="192.168.1.7", server__web_port=8080)


def test_the_addresses_are_those_of_what_runs_until_the_files_are_deployed(world):
    assert look(world, ELSEWHERE).urls.web == "http://192.168.1.100:3000"
    world.up(ELSEWHERE)
    assert look(world, ELSEWHERE).urls.web == "http://192.168.1.7:8080"


def test_an_address_that_the_edge_has_yet_to_load_is_none_of_what_runs(world):
    there = an_environment(server__api_url="http://192.168.1.100:8000")
    world.up(there)
    moved = an_environment(server__address="192.168.1.7", server__api_url="http://192.168.1.7:8000")

    assert look(world, moved).urls.web == "http://192.168.1.100:3000"
    assert look(world, moved).urls.api == "http://192.168.1.100:8000"


def test_where_nothing_runs_the_addresses_are_those_of_the_files(world):
    world.down(ENVIRONMENT)

    assert look(world, ELSEWHERE).urls.web == "http://192.168.1.7:8080"


def test_an_address_that_only_people_type_needs_no_deploy(world):
    moved = an_environment(server__address="192.168.1.7")
    assert world.plan(moved).is_empty

    assert look(world, moved).urls.web == "http://192.168.1.7:3000"


def test_a_record_without_addresses_has_the_files_tell_them(world):
    record = json.loads(world.host.state["current.json"])
    del record["urls"]
    world.host.state["current.json"] = json.dumps(record)

    assert look(world, ELSEWHERE).urls.web == "http://192.168.1.7:8080"


def test_a_slot_without_requests_is_not_active(world):
    box = world.engine.boxes["llmchat-test-backend-a"]
    world.engine.boxes["llmchat-test-backend-b"] = replace(box, name="llmchat-test-backend-b", slot="b")

    assert [(item.slot, item.active) for item in look(world).services if item.service == "backend"] == [
        ("a", True),
        ("b", False),
    ]
    assert look(world).state == "up"


def test_the_backups_are_among_it(world):
    put(world.host, 3, timedelta(hours=7))
    data = look(world)

    assert (data.backups.count, data.backups.late, data.backups.made_at) == (1, False, "2027-01-15T01:00:00+00:00")
    assert data.backups.detail.startswith("the newest verified one is 7 h old (")


def test_scheduled_backups_are_a_service_like_any_other(world):
    environment = an_environment(backup__schedule="every 6h")
    assert look(world, environment).state == "partial"
    world.up(environment)
    put_state(world.host, next_run="2027-01-15T12:00:00+00:00")
    data = look(world, environment)

    assert (data.state, data.backups.next_run) == ("up", "2027-01-15T12:00:00+00:00")
