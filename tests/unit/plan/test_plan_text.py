"""Plans as people read them. Ids (12 hexadecimal digits, 16 in image tags) stand as ID."""

from __future__ import annotations

import re
from copy import deepcopy

import pytest

from llmchat_deploy.config.model import Environment
from llmchat_deploy.plan.edge import DOWNTIME_SECONDS
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.up import UpOptions
from llmchat_deploy.secret import Secret
from tests.fakes import Killed
from tests.unit.world import LOOPBACK, SHIPPED, World, an_environment


def text(plan: Plan) -> str:
    return re.sub(r"\b([0-9a-f]{16}|[0-9a-f]{12})\b", "ID", str(plan))


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def deployed(world: World) -> World:
    world.up(an_environment())
    world.rewind()
    return world


FIRST = """\
+ make base image llmchat/base:13 (no registry answers for debian:13-slim)
+ build image llmchat/edge:ID (not there yet)
+ build image llmchat/backend:ID (not there yet)
+ build image llmchat/frontend:ID (not there yet)
+ store release ID (its Compose files are kept on the machine)
+ create network llmchat-test (edge and services meet on it)
+ create volume llmchat-test_backend-db (holds the database and the attachments)
+ create volume llmchat-test_slots (holds the sockets between edge and backend)
+ create volume llmchat-test_edge (holds the edge's configuration)
+ create volume llmchat-test_keys-ID (the backend reads its keys there)
+ put SECRET_KEY, LLM_API_KEY, PRESET_MODEL_KEYS into llmchat-test_keys-ID (keys are files, never variables)
~ migrate the database (before the new backend starts)
+ start backend (slot a) (not there yet)
+ start frontend (slot a) (not there yet)
~ wait for backend (slot a) (only a healthy release gets requests)
~ ask the model for a first token (up is not enough: it must be able to chat)
~ wait for frontend (slot a) (only a healthy release gets requests)
+ create administrator 'admin' (the first administrator is made by this tool only)
~ send requests to backend (slot a) and frontend (slot a) (not there yet)
~ configure the edge (not there yet)
+ start edge (not there yet)
~ wait for edge (it owns the published ports)
~ check the page and the API (the way a browser comes)
~ record release ID (so that the next run knows where this one ended)"""


def test_first_deploy(world):
    plan = world.plan(an_environment())

    assert text(plan) == FIRST
    assert plan.notes == (
        "Ports 3000 (page) and 8000 (API) are open to everybody who reaches this machine; ufw doesn't filter them.",
    )
    assert plan.expected_downtime == 0.0


def test_first_deploy_where_a_registry_answers_and_secrets_were_generated(world):
    world.engine.registry = True
    plan = world.plan(an_environment(generated=("SECRET_KEY",)))

    assert text(plan).splitlines()[:2] == [
        "+ save generated secrets SECRET_KEY (nobody set them; they must stay the same from now on)",
        "+ pull base image debian:13-slim (images are built on it; where it doesn't come, one is made here)",
    ]


def test_first_deploy_with_the_bundled_model_starts_it_before_the_backend(world):
    lines = text(world.plan(an_environment(models__bundled=True))).splitlines()

    start = lines.index("+ start model (not there yet)")
    assert lines[start + 1] == "~ wait for model (the first answer needs it)"
    assert start < lines.index("+ start backend (slot a) (not there yet)")


def test_nothing_to_do(deployed):
    plan = deployed.plan(an_environment())

    assert plan.is_empty
    assert text(plan) == ""


def test_frontend_changed(deployed):
    assert (
        text(deployed.plan(an_environment(), SHIPPED.with_version("frontend", "2")))
        == """\
+ build image llmchat/frontend:ID (its sources changed)
+ store release ID (its Compose files are kept on the machine)
+ start frontend (slot b) (its image changed)
~ wait for frontend (slot b) (only a healthy release gets requests)
~ send requests to backend (slot a) and frontend (slot b) (the new release is proved healthy)
~ check the page and the API (the way a browser comes)
~ record release ID (so that the next run knows where this one ended)
- stop frontend (slot a) (the new release serves)"""
    )


def test_a_setting_of_the_backend_changed(deployed):
    assert (
        text(deployed.plan(an_environment(auth__token_minutes=60)))
        == """\
+ store release ID (its Compose files are kept on the machine)
+ put SECRET_KEY, LLM_API_KEY, PRESET_MODEL_KEYS into llmchat-test_keys-ID (keys are files, never variables)
+ start backend (slot b) (its configuration changed)
~ wait for backend (slot b) (only a healthy release gets requests)
~ ask the model for a first token (up is not enough: it must be able to chat)
~ send requests to backend (slot b) and frontend (slot a) (the new release is proved healthy)
~ check the page and the API (the way a browser comes)
~ record release ID (so that the next run knows where this one ended)
- stop backend (slot a) (the new release serves)"""
    )


def test_a_key_changed(deployed):
    plan = deployed.plan(an_environment(secret_key=Secret("another-key-of-more-than-32-bytes-length")))

    assert (
        text(plan).splitlines()[-3:]
        == """\
~ record release ID (so that the next run knows where this one ended)
- stop backend (slot a) (the new release serves)
- remove volume llmchat-test_keys-ID (its keys are replaced)""".splitlines()
    )
    assert not plan.is_destructive


def test_the_model_moved_to_this_machine(deployed):
    lines = text(deployed.plan(an_environment(models__default=LOOPBACK))).splitlines()

    assert "+ start backend (slot b) (its configuration changed)" in lines
    assert not [line for line in lines if "frontend (slot b)" in line]


def test_ports_changed(deployed):
    plan = deployed.plan(an_environment(server__web_port=3100))

    assert (
        text(plan)
        == """\
+ store release ID (its Compose files are kept on the machine)
+ start edge (its ports or limits changed)
~ wait for edge (it owns the published ports)
~ check the page and the API (the way a browser comes)
~ record release ID (so that the next run knows where this one ended)"""
    )
    assert plan.expected_downtime == DOWNTIME_SECONDS


def test_a_setting_of_the_edge_changed(deployed):
    lines = text(deployed.plan(an_environment(models__idle_timeout=60))).splitlines()

    assert "~ configure the edge (its configuration changed)" in lines
    assert not [line for line in lines if "start edge" in line]


def test_a_container_was_stopped(deployed):
    deployed.engine.stop_by_hand("llmchat-test-frontend-a")

    assert (
        text(deployed.plan(an_environment()))
        == """\
+ start frontend (slot a) (it is exited)
~ wait for frontend (slot a) (only a healthy release gets requests)
~ record release ID (so that the next run knows where this one ended)"""
    )


def test_the_model_is_required_though_nothing_changed(deployed):
    plan = deployed.plan(an_environment(), options=UpOptions(require_model=True))

    assert text(plan) == "~ ask the model for a first token (--require-model)"


def test_down(deployed):
    plan = deployed.plan_down(an_environment())

    assert (
        text(plan)
        == """\
- stop edge (down)
- stop frontend (slot a) (down)
- stop backend (slot a) (down)
- remove network llmchat-test (nobody is on it any more)
- remove volume llmchat-test_keys-ID (made again by the next up)
- remove volume llmchat-test_slots (made again by the next up)"""
    )
    assert plan.losses == ()


def test_down_with_volumes_names_what_is_lost(deployed):
    plan = deployed.plan_down(an_environment(), volumes=True)

    assert (
        text(plan)
        == """\
- stop edge (down)
- stop frontend (slot a) (down)
- stop backend (slot a) (down)
- remove network llmchat-test (nobody is on it any more)
- remove volume llmchat-test_backend-db (--volumes)
- remove volume llmchat-test_edge (--volumes)
- remove volume llmchat-test_keys-ID (--volumes)
- remove volume llmchat-test_slots (--volumes)
- forget the recorded release (its data is gone)"""
    )
    assert plan.losses == ("llmchat-test_backend-db: all accounts, conversations and attachments",)
    assert plan.is_destructive


def test_down_of_what_is_down_already_does_nothing(deployed):
    deployed.down(an_environment())

    assert deployed.plan_down(an_environment()).is_empty


def test_up_after_down_keeps_the_administrator(deployed):
    deployed.down(an_environment())
    lines = text(deployed.plan(an_environment())).splitlines()

    assert "+ start backend (slot a) (not there yet)" in lines
    assert not [line for line in lines if "administrator" in line or "backend-db" in line]


def test_leftovers_of_a_cut_run_go(deployed):
    changed = an_environment(auth__token_minutes=60)
    deployed.rewind(kill_at=_write(deployed, changed, "compose up llmchat-test-backend-b"), kill_after=True)
    with pytest.raises(Killed):
        deployed.up(changed)
    deployed.rewind()

    assert text(deployed.plan(an_environment())) == "- stop backend (slot b) (left over from a run that was cut)"


def test_a_switch_that_was_written_but_not_made_is_made_before_anything_is_stopped(deployed):
    changed = an_environment(auth__token_minutes=60)
    deployed.rewind(kill_at=_write(deployed, changed, "put files llmchat-test_edge"), kill_after=True)
    with pytest.raises(Killed):
        deployed.up(changed)
    deployed.rewind()
    assert deployed.engine.serving.backend == "a"  # whatever the file says

    assert (
        text(deployed.plan(changed))
        == """\
~ send requests to backend (slot b) and frontend (slot a) (a run that was cut began it)
~ check the page and the API (the way a browser comes)
~ record release ID (so that the next run knows where this one ended)
- stop backend (slot a) (left over from a run that was cut)"""
    )


def test_an_unfinished_switch_is_finished_before_another_release_may_touch_a_slot(deployed):
    changed = an_environment(auth__token_minutes=60)
    deployed.rewind(kill_at=_write(deployed, changed, "put files llmchat-test_edge"), kill_after=True)
    with pytest.raises(Killed):
        deployed.up(changed)
    deployed.rewind()
    lines = text(deployed.plan(an_environment(auth__token_minutes=61))).splitlines()

    finished = lines.index("~ send requests to backend (slot b) and frontend (slot a) (a run that was cut began it)")
    assert finished < lines.index("+ start backend (slot a) (its configuration changed)")
    assert lines[-1] == "- stop backend (slot b) (the new release serves)"


def _write(world: World, environment: Environment, beginning: str) -> int:
    """Return the number of a write that a plan would make."""
    trial = deepcopy(world)
    trial.up(environment)
    return next(number for number, write in enumerate(trial.writes, 1) if write.startswith(beginning))
