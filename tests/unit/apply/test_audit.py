"""Every run is written down before its first step and when it ends; what was killed is known by what is missing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from llmchat_deploy.apply.audit import FULL, RunRecord, audited, read_runs
from llmchat_deploy.errors import StepFailed
from llmchat_deploy.host.base import CommandResult
from llmchat_deploy.operations import down, up
from llmchat_deploy.plan.plan import Plan
from tests.fakes import Killed
from tests.unit.world import LLM_API_KEY, SECRET_KEY, SHIPPED, World, an_environment

ENVIRONMENT = an_environment()
PLAN = Plan(environment="test", project="llmchat-test", release="abc")


def deploy(world: World, environment=ENVIRONMENT) -> None:
    agreed = up.plan(environment, SHIPPED, world.host, world.engine)
    up.apply(agreed, environment, SHIPPED, world.host, world.engine, world.events.append)


def run(world: World, error: BaseException | None = None) -> None:
    with audited(world.host, world.engine, "up", PLAN):
        if error:
            raise error


def test_an_up_tells_who_what_with_which_images_and_which_schema():
    world = World()
    world.host.failing["git -C"] = CommandResult(0, "0123456789ab-dirty\n", "")
    deploy(world)

    (found,) = read_runs(world.host)
    assert (found.command, found.who, found.host, found.result, found.exit_code) == (
        "up", "operator", "chat-server", "finished", 0,
    )  # fmt: skip
    assert found.release == json.loads(world.host.state["current.json"])["release"]
    assert (found.schema_before, found.schema_after, found.release_before) == ("", "0001", "")
    assert found.source == "0123456789ab-dirty"
    assert set(found.images) == {"edge", "backend", "frontend"}
    assert all(image["id"].startswith("sha256:") for image in found.images.values())


def test_the_next_run_tells_what_was_before():
    world = World()
    deploy(world)
    deploy(world, an_environment(models__idle_timeout=60))

    first, second = read_runs(world.host)
    assert second.release_before == first.release
    assert (second.number, second.schema_before) == (2, "0001")


def test_nothing_secret_is_written_down():
    world = World()
    deploy(world)

    assert SECRET_KEY not in world.host.state["audit.jsonl"]
    assert LLM_API_KEY not in world.host.state["audit.jsonl"]
    assert "made-up-password" not in world.host.state["audit.jsonl"]


def test_what_failed_has_the_error_s_code():
    world = World()
    with pytest.raises(StepFailed):
        run(world, StepFailed("The key sk-1 is wrong."))

    (found,) = read_runs(world.host)
    assert (found.result, found.code, found.exit_code) == ("failed", "step_failed", 8)
    assert "sk-1" not in world.host.state["audit.jsonl"]


@pytest.mark.parametrize(
    ("error", "result", "code"),
    [(KeyboardInterrupt(), "interrupted", ""), (ZeroDivisionError(), "failed", "bug"), (Killed(), "cut", "")],
)
def test_how_else_a_run_ends(error, result, code):
    world = World()
    with pytest.raises(type(error)):
        run(world, error)

    (found,) = read_runs(world.host)
    assert (found.result, found.code) == (result, code)


def test_an_open_run_is_running_only_while_the_lock_is_held():
    world = World()
    with world.host.lock("up"):
        with pytest.raises(Killed):
            run(world, Killed())
        with audited(world.host, world.engine, "up", PLAN):
            assert [found.result for found in read_runs(world.host)] == ["cut", "running"]


@pytest.mark.parametrize(
    ("command", "deploys", "migrated"),
    [
        ("up", True, True),
        ("backup schedule --every 6h", True, True),
        ("restore --undo", True, False),
        ("rollback abc", True, False),
        ("backup", False, False),
        ("update", False, False),
    ],
)
def test_which_commands_deploy_and_which_take_the_data_along(command, deploys, migrated):
    found = RunRecord(1, command, "", "", "", "finished", release="abc", schema_before="0001", schema_after="0002")

    assert (found.deploys, found.migrated) == (deploys, migrated)
    assert not replace(found, schema_after="0001").migrated


def test_a_down_is_written_down_too():
    world = World()
    deploy(world)
    agreed = down.plan(ENVIRONMENT, world.host, world.engine, volumes=True)
    down.apply(agreed, ENVIRONMENT, world.host, world.engine, world.events.append, volumes=True)

    assert [found.command for found in read_runs(world.host)] == ["up", "down --volumes"]


def test_lines_that_a_power_cut_left_half_hide_no_others():
    world = World()
    run(world)
    world.host.state["audit.jsonl"] += '{"run": 2, "comm\n[]\n{"run": "x"}\n'
    run(world)

    assert [(found.number, found.result) for found in read_runs(world.host)] == [(1, "finished"), (2, "finished")]


def test_a_full_file_becomes_the_older_one_and_both_are_read():
    world = World()
    run(world)
    world.host.state["audit.jsonl"] += " " * FULL + "\n"
    run(world)

    assert len(world.host.state["audit.jsonl"]) < 2000
    assert [found.number for found in read_runs(world.host)] == [1, 2]


def test_a_run_whose_beginning_cannot_be_written_changes_nothing():
    world = World()
    world.engine.tape.fail["append audit"] = StepFailed("full")
    with pytest.raises(StepFailed):
        deploy(world)

    assert world.engine.boxes == {}
