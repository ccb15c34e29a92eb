"""Administrators: their passwords go through standard input, refusals come in the backend's words."""

from __future__ import annotations

import pytest

from llmchat_deploy.apply.audit import read_runs
from llmchat_deploy.errors import DiskFull, RefusedError
from llmchat_deploy.operations import admin
from llmchat_deploy.secret import Secret
from tests.unit.world import World, an_environment

ENVIRONMENT = an_environment()
PASSWORD = Secret("correct horse $battery")


@pytest.fixture
def world() -> World:
    world = World()
    world.up(ENVIRONMENT)
    return world


def test_creating_one(world):
    asked: list[tuple[str, ...]] = []
    world.engine.answers.append(lambda name, argv, stdin: asked.append((name, *argv)))

    outcome = admin.create(ENVIRONMENT, world.host, world.engine, username="ann", password=PASSWORD, must_change=True)

    assert outcome.data == admin.AdminData("ann", "created")
    assert world.engine.admins["llmchat-test_backend-db"]["ann"] == PASSWORD.reveal()
    assert asked == [
        ("llmchat-test-backend-a", "llmchat-backend", "admin", "create", "--username", "ann", "--must-change")
    ]
    assert [item.username for item in admin.list_admins(ENVIRONMENT, world.engine).data.admins] == ["admin", "ann"]


def test_a_new_password(world):
    outcome = admin.reset_password(
        ENVIRONMENT, world.host, world.engine, username="admin", password=PASSWORD, must_change=False
    )

    assert outcome.data.action == "password reset"
    assert world.engine.admins["llmchat-test_backend-db"]["admin"] == PASSWORD.reveal()


def test_refusals_are_the_backend_s(world):
    with pytest.raises(RefusedError, match="There is a user 'admin' already"):
        admin.create(ENVIRONMENT, world.host, world.engine, username="admin", password=PASSWORD, must_change=False)
    with pytest.raises(RefusedError, match="There is no user 'nobody'"):
        admin.reset_password(
            ENVIRONMENT, world.host, world.engine, username="nobody", password=PASSWORD, must_change=False
        )


def test_the_serving_slot_is_asked(world):
    world.up(an_environment(auth__token_minutes=5))
    assert world.engine.serving.backend == "b"

    assert admin.list_admins(ENVIRONMENT, world.engine).data.admins


@pytest.mark.parametrize("stopped", [True, False])
def test_without_a_running_backend_it_says_how_to_start_it(world, stopped):
    if stopped:
        world.engine.stop_by_hand("llmchat-test-backend-a")
    else:
        world.down(ENVIRONMENT)

    with pytest.raises(RefusedError, match="The backend of environment 'test' doesn't run") as error:
        admin.list_admins(ENVIRONMENT, world.engine)

    assert error.value.hint == "Start it: llmchat-deploy up --env test"


def test_who_got_an_account_or_a_password_is_written_down(world):
    admin.create(ENVIRONMENT, world.host, world.engine, username="ann", password=PASSWORD, must_change=True)
    admin.reset_password(ENVIRONMENT, world.host, world.engine, username="ann", password=PASSWORD, must_change=True)

    assert [run.command for run in read_runs(world.host)] == ["admin create ann", "admin reset-password ann"]
    assert PASSWORD.reveal() not in world.host.state["audit.jsonl"]


def test_a_disk_that_is_full_hides_no_password(world):
    world.engine.tape.fail["append audit"] = DiskFull("full")

    assert admin.create(ENVIRONMENT, world.host, world.engine, username="b", password=PASSWORD, must_change=True).data
