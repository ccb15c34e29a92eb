"""Images go when neither a container nor a kept release of any environment needs them, and only images of ours."""

from __future__ import annotations

import json

import pytest

from llmchat_deploy.apply.audit import audited
from llmchat_deploy.config.model import Build, Environment
from llmchat_deploy.errors import HostError
from llmchat_deploy.plan.up import UpOptions
from tests.unit.world import SHIPPED, World, an_environment

PRODUCTION = an_environment()
PRUNE = UpOptions(prune=True)
KEPT_RELEASES = Build().keep_releases


def versions(world: World, *numbers: int, environment: Environment = PRODUCTION) -> list[str]:
    """Deploy versions of the frontend one after the other, and return their images."""
    for number in numbers:
        plan = world.plan(environment, SHIPPED.with_version("frontend", str(number)))
        with audited(world.host, world.engine, "up", plan):
            world.carry_out(plan, environment)
    return [tag for tag in world.engine.built_for if "frontend" in tag]


@pytest.fixture
def world() -> World:
    return World()


def test_the_images_of_the_last_releases_stay(world: World) -> None:
    images = versions(world, *range(1, KEPT_RELEASES + 1))
    assert len(images) == KEPT_RELEASES
    assert set(images) <= world.engine.tags


def test_older_ones_go_with_the_next_change(world: World) -> None:
    images = versions(world, *range(1, KEPT_RELEASES + 3))
    assert [tag for tag in images if tag not in world.engine.tags] == images[:1]
    assert world.plan(PRODUCTION, SHIPPED.with_version("frontend", str(KEPT_RELEASES + 2))).is_empty
    world.up(PRODUCTION, SHIPPED.with_version("frontend", str(KEPT_RELEASES + 2)), PRUNE)
    assert [tag for tag in images if tag not in world.engine.tags] == images[:2]


def test_what_another_environment_keeps_or_runs_stays(world: World) -> None:
    other = World()
    first = versions(other, 1)[0]
    world.host.neighbours_.append(other.host)
    versions(world, *range(1, KEPT_RELEASES + 3))
    assert first in world.engine.tags


@pytest.mark.parametrize("count", [1, 2, 7])
def test_how_many_stay_is_a_setting(world: World, count: int) -> None:
    environment = an_environment(build__keep_releases=count)
    images = versions(world, *range(1, 10), environment=environment)
    world.up(environment, SHIPPED.with_version("frontend", "9"), PRUNE)
    assert [tag for tag in images if tag in world.engine.tags] == images[-count:]


@pytest.mark.parametrize(("count", "stays"), [(2, False), (7, True)])
def test_another_environment_keeps_as_many_as_its_own_setting_says(world: World, count: int, *, stays: bool) -> None:
    other = World()
    first = versions(other, *range(1, 4), environment=an_environment(build__keep_releases=count))[0]
    world.host.neighbours_.append(other.host)
    versions(world, *range(1, 4), *range(11, 11 + KEPT_RELEASES + 1))
    assert (first in world.engine.tags) is stays


def test_one_that_never_recorded_a_number_keeps_what_was_kept_before_there_was_a_setting(world: World) -> None:
    other = World()
    first = versions(other, *range(1, KEPT_RELEASES + 1))[0]
    record = json.loads(other.host.state["current.json"])
    del record["keep_releases"]
    other.host.state["current.json"] = json.dumps(record)
    world.host.neighbours_.append(other.host)
    versions(world, 1, *range(11, 11 + KEPT_RELEASES + 1))
    assert first in world.engine.tags


def test_where_others_cannot_be_asked_everything_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> tuple[()]:
        raise HostError("/var/lib/llmchat-deploy can't be read.")

    monkeypatch.setattr(world.host, "neighbours", refuse)
    images = versions(world, *range(1, KEPT_RELEASES + 3))
    assert set(images) <= world.engine.tags


def test_images_of_other_projects_and_other_names_stay(world: World) -> None:
    versions(world, 1)
    for tag, project in (
        ("llmchat/frontend:0123456789abcdef", "llmchat-staging"),
        ("llmchat/base:13", "llmchat-test"),
        ("llmchat/frontend:keep", "llmchat-test"),
        ("mine/frontend:0123456789abcdef", "llmchat-test"),
    ):
        world.engine.built(tag, project, 0)
    assert world.plan(PRODUCTION, SHIPPED.with_version("frontend", "1"), PRUNE).is_empty


def test_images_without_a_name_go_once_nobody_makes_them(world: World) -> None:
    versions(world, 1)
    world.engine.nameless = {"sha256:old": world.host.clock - 3600, "sha256:new": world.host.clock - 1}
    world.up(PRODUCTION, SHIPPED.with_version("frontend", "1"), PRUNE)
    assert set(world.engine.nameless) == {"sha256:new"}


def test_an_image_that_came_into_use_stays(world: World) -> None:
    images = versions(world, *range(1, KEPT_RELEASES + 2))
    plan = world.plan(PRODUCTION, SHIPPED.with_version("frontend", str(KEPT_RELEASES + 2)))
    assert f"remove image {images[0][:40]}" in str(plan)
    world.engine.refused = {images[0]}
    findings = world.carry_out(plan, PRODUCTION)
    assert (images[0] in world.engine.tags, findings.warnings) == (True, [])


def test_the_build_cache_is_bounded_by_an_update_that_built_and_not_where_it_is_to_be_left_alone(world: World) -> None:
    versions(world, 1)
    newer = SHIPPED.with_version("frontend", "2")
    assert "bound the build cache at 10 GB" in str(world.plan(PRODUCTION, newer, PRUNE))
    assert "build cache" not in str(world.plan(PRODUCTION, newer))
    assert "build cache" not in str(world.plan(an_environment(build__cache_gigabytes=0), newer, PRUNE))


def test_a_run_without_a_change_doesnt_look(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    versions(world, 1)
    monkeypatch.setattr(world.engine, "own_images", None)
    assert world.plan(PRODUCTION, SHIPPED.with_version("frontend", "1")).is_empty
