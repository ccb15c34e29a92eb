"""What is remembered: whole or not at all, and a damaged record is never taken for none."""

from __future__ import annotations

import json

import pytest

from llmchat_deploy.apply.records import read_recorded, read_schemas, store_release, stored_release
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


def test_a_deploy_is_recorded():
    world = World()
    world.up(an_environment())
    recorded = read_recorded(world.host)

    assert recorded
    assert recorded.volumes == ("llmchat-test_backend-db",)
    assert recorded.at == "2027-01-15T08:00:00+00:00"
    assert read_schemas(world.host) == {"llmchat-test_backend-db": "0001"}


def test_what_was_deployed_is_forgotten_with_its_data():
    world = World()
    world.up(an_environment())
    world.down(an_environment(), volumes=True)

    assert read_recorded(world.host) is None
    assert read_schemas(world.host) == {}


@pytest.mark.parametrize("text", ["{", "[]", ""])
def test_schemas_that_cannot_be_read_are_unknown(text):
    world = World()
    world.host.state["schemas.json"] = text

    assert read_schemas(world.host) == {}


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
