"""``health``: each part, the way a browser comes, the models, the disk; and what to do about it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from llmchat_deploy.engine.base import ExecResult
from llmchat_deploy.operations.health import health
from tests.unit.world import LLM_API_KEY, PRESET, World, an_environment

ENVIRONMENT = an_environment()


@pytest.fixture
def world() -> World:
    world = World()
    world.up(ENVIRONMENT)
    models = [
        {"model": "default", "ok": True, "first_token_ms": 12},
        {"model": "qwen", "ok": False, "detail": f"refused {LLM_API_KEY}", "hint": "Check its key."},
    ]
    said = "\n".join(["noise", *map(json.dumps, models)])
    world.engine.answers.append(lambda name, argv, stdin: ExecResult(9, said, "") if "--all" in argv else None)
    return world


def test_each_model_has_its_time_to_answer(world):
    """They are asked one after the other."""
    world.engine.timeouts.clear()
    health(an_environment(models__presets={"b": PRESET, "c": PRESET}), world.host, world.engine)

    assert world.engine.timeouts[-1] > 3 * 30


def check(world: World):
    outcome = health(ENVIRONMENT, world.host, world.engine)
    return outcome, {item.name: item for item in outcome.data.checks}


def test_all_is_well_though_a_preset_model_is_not(world):
    outcome, checks = check(world)

    assert outcome.exit_code == 0
    assert outcome.data.ok
    assert list(checks) == [
        "edge",
        "backend",
        "frontend",
        "page",
        "api",
        "model default",
        "model qwen",
        "backups",
        "disk",
    ]
    assert (checks["model qwen"].level, checks["model qwen"].detail) == ("warning", "refused ***")
    assert checks["model qwen"].hint == "Check its key."
    assert checks["model default"].detail == "first token after 12 ms"
    assert checks["disk"].detail == "100.0 GB free for Docker (/var/lib/docker)"


def test_a_model_server_that_listens_on_another_address_of_this_machine_is_named(world):
    said = {"model": "default", "ok": False, "reason": "nothing_listens", "detail": "Nothing.", "hint": "Start it."}
    said |= {"host": "192.168.1.100", "port": 11553}
    world.engine.answers.insert(
        0, lambda name, argv, stdin: ExecResult(9, json.dumps(said), "") if "--all" in argv else None
    )
    world.host.listeners[11553] = {"127.0.0.1": "vllm"}

    found = check(world)[1]["model default"]

    assert found.level == "warning"
    assert found.detail == "Nothing answers at 192.168.1.100:11553, but something listens at 127.0.0.1:11553 only."
    assert found.hint == "Use 127.0.0.1 in the model's URL, or start the model server with --host 0.0.0.0."


@pytest.mark.parametrize(
    ("change", "detail"), [({"state": "exited"}, "exited"), ({"health": "unhealthy"}, "unhealthy")]
)
def test_a_part_that_does_not_do_fails_the_check(world, change, detail):
    name = "llmchat-test-frontend-a"
    world.engine.boxes[name] = replace(world.engine.boxes[name], **change)

    outcome, checks = check(world)

    assert outcome.exit_code == 9
    assert (checks["frontend"].level, checks["frontend"].detail) == ("failed", detail)
    assert checks["frontend"].hint == "llmchat-deploy logs frontend --env test --tail 50"


def test_an_address_that_answers_wrongly_fails_the_check(world):
    world.host.http["http://127.0.0.1:8000/health/ready"] = 503

    outcome, checks = check(world)

    assert outcome.exit_code == 9
    assert checks["api"].detail == "http://127.0.0.1:8000/health/ready answers 503"


def test_page_and_api_are_asked_where_the_edge_that_runs_was_published(world):
    moved = an_environment(server__web_port=8080, server__api_port=8001)
    outcome = health(moved, world.host, world.engine)

    details = {item.name: item.detail for item in outcome.data.checks}
    assert details["page"] == "http://127.0.0.1:3000/auth answers"
    assert details["api"] == "http://127.0.0.1:8000/health/ready answers"


def test_an_edge_that_a_run_which_was_cut_has_left_is_asked_where_the_files_say(world):
    moved = an_environment(server__web_port=8080, server__api_port=8001)
    record, kept = world.host.state["current.json"], dict(world.host.state)
    world.up(moved)
    world.host.state["current.json"] = record

    details = {item.name: item.detail for item in health(moved, world.host, world.engine).data.checks}
    assert details["page"] == "http://127.0.0.1:8080/auth answers"

    world.host.state = {name: text for name, text in kept.items() if not name.startswith("releases/")}
    details = {item.name: item.detail for item in health(moved, world.host, world.engine).data.checks}
    assert details["api"] == "http://127.0.0.1:8001/health/ready answers", "nor where the release isn't kept"


def test_a_disk_that_is_nearly_full_fails_the_check(world):
    world.host.free = 2**29

    assert check(world)[1]["disk"].level == "failed"


def test_where_nothing_is_there_each_part_says_how_to_start_it():
    outcome, checks = check(World())

    assert outcome.exit_code == 9
    assert {checks[name].hint for name in ("edge", "backend", "frontend")} == {"llmchat-deploy up --env test"}
    assert list(checks) == ["edge", "backend", "frontend", "backups", "disk"]
