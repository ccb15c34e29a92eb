"""What is remembered: whole or not at all, and a damaged record is never taken for none."""

from __future__ import annotations

import json

import pytest

from llmchat_deploy.apply.records import read_recorded, store_release, stored_release
from llmchat_deploy.errors import HostError
from llmchat_deploy.plan.steps import StoreRelease
from llmchat_deploy.render.release import RenderedFile
from tests.fakes import Killed
from tests.unit.world import World, an_environment

WHOLE = {"release": "r", "digest": "d", "at": "2026-01-01T00:00:00+00:00", "admin": True, "volumes": ["v"]}
RELEASE = StoreRelease(
    release="r", digest="d" * 64, cause="c",
    files=(RenderedFile("edge.compose.yaml", "services: {}\n", 0o640, "x"),),
)  # fmt: skip


def test_before_the_first_deploy_there_is_no_record():
    assert read_recorded(World().host) is None


def test_a_deploy_is_recorded_and_a_line_is_added_for_people():
    world = World()
    world.up(an_environment())
    recorded = read_recorded(world.host)

    assert recorded
    assert recorded.volumes == ("llmchat-test_backend-db",)
    assert recorded.at == "2027-01-15T08:00:00+00:00"
    assert json.loads(world.host.state["history.jsonl"]) == {
        "at": recorded.at, "event": "up", "release": recorded.release,
    }  # fmt: skip


def test_a_second_change_adds_a_second_line():
    world = World()
    world.up(an_environment())
    world.down(an_environment(), volumes=True)

    events = [json.loads(line)["event"] for line in world.host.state["history.jsonl"].splitlines()]
    assert events == ["up", "down --volumes"]
    assert read_recorded(world.host) is None


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "7", '"text"', json.dumps({**WHOLE, "volumes": 3}), "{}"]
    + [json.dumps({key: value for key, value in WHOLE.items() if key != missing}) for missing in WHOLE],
)
def test_a_damaged_record_is_an_error_and_not_a_first_deploy(text):
    world = World()
    world.host.state["current.json"] = text

    with pytest.raises(HostError, match=r"^The record /state/current\.json can't be read") as error:
        world.plan(an_environment())

    assert "Move it aside" in error.value.hint
    assert world.writes == []


def test_a_release_counts_as_stored_only_once_its_last_file_is_there():
    for number in (1, 2):
        world = World()
        world.rewind(kill_at=number)
        with pytest.raises(Killed):
            store_release(world.host, RELEASE)
        assert stored_release(world.host, "r") is None

    world = World()
    store_release(world.host, RELEASE)
    assert stored_release(world.host, "r") == "d" * 64
    assert world.host.modes["releases/r/edge.compose.yaml"] == 0o640
