"""``up`` as an operation: what was agreed to is done, or nothing is."""

from __future__ import annotations

import pytest

from llmchat_deploy.apply.records import read_recorded
from llmchat_deploy.config.model import Build
from llmchat_deploy.errors import DockerTooOld, DockerUnavailable, HostError, LockHeld, PlanChanged, StepFailed
from llmchat_deploy.host.base import CommandResult, LockHolder
from llmchat_deploy.operations import up
from llmchat_deploy.plan.reach import public_urls
from llmchat_deploy.secret import Secret
from tests.unit.world import SHIPPED, World, an_environment

ENVIRONMENT = an_environment()


@pytest.fixture
def world() -> World:
    return World()


def plan(world: World, environment=ENVIRONMENT, **options):
    return up.plan(environment, SHIPPED, world.host, world.engine, up.UpOptions(**options))


def apply(world: World, agreed, environment=ENVIRONMENT, **options):
    parts = (environment, SHIPPED, world.host, world.engine, world.events.append)
    outcome = up.apply(agreed, *parts, up.UpOptions(**options))
    if outcome.data.admin:
        up.password_shown(world.host)
    return outcome


def test_planning_changes_nothing_and_says_what_applying_does(world):
    agreed = plan(world)
    assert world.writes == []
    assert agreed == world.plan(ENVIRONMENT)

    outcome = apply(world, agreed)

    assert outcome.command == "up"
    assert outcome.exit_code == 0
    assert outcome.data.changed
    assert outcome.data.release == agreed.release
    assert outcome.data.admin
    assert outcome.data.admin.password == Secret("made-up-password-1")
    assert outcome.data.model
    assert outcome.data.model.ok
    assert plan(world).is_empty


def test_the_password_is_shown_once_and_only_where_it_is_revealed(world):
    outcome = apply(world, plan(world))

    assert "made-up-password" not in repr(outcome)
    assert "choose a password of your own" in outcome.data.next_steps[0]
    changed = an_environment(auth__token_minutes=5)
    assert apply(world, plan(world, changed), changed).data.admin is None


def test_a_password_that_a_run_made_and_never_showed_is_made_again(world):
    lost = up.apply(plan(world), ENVIRONMENT, SHIPPED, world.host, world.engine, world.events.append)
    assert lost.data.admin

    again = plan(world)
    assert [step.title for step in again.steps[:-1]] == ["create administrator 'admin'"]
    shown = apply(world, again).data.admin

    assert shown
    assert shown.password != lost.data.admin.password
    assert world.engine.admins["llmchat-test_backend-db"]["admin"] == shown.password.reveal()
    assert plan(world).is_empty


def test_a_password_that_somebody_saw_after_all_and_used_stays(world):
    up.apply(plan(world), ENVIRONMENT, SHIPPED, world.host, world.engine, world.events.append)
    used = dict(world.engine.admins["llmchat-test_backend-db"])
    world.engine.logged_in.add("admin")

    outcome = apply(world, plan(world))

    assert outcome.data.admin is None
    assert "admin reset-password --username admin --env" in outcome.data.next_steps[0]
    assert world.engine.admins["llmchat-test_backend-db"] == used
    assert plan(world).is_empty


@pytest.mark.parametrize("trouble", ["lock", "disk"])
def test_where_it_cannot_be_noted_that_the_password_was_shown_the_next_run_shows_another(world, trouble):
    up.apply(plan(world), ENVIRONMENT, SHIPPED, world.host, world.engine, world.events.append)
    if trouble == "lock":
        world.host.held_by = LockHolder("ann", "box", 1, "now", "up")
    else:
        world.engine.tape.fail["write "] = HostError("No space left on device")
    up.password_shown(world.host)

    world.host.held_by = None
    world.engine.tape.fail = {}
    assert apply(world, plan(world)).data.admin


def test_nothing_to_do(world):
    apply(world, plan(world))
    agreed = plan(world)

    outcome = up.unchanged(ENVIRONMENT, agreed, world.host)

    assert not outcome.data.changed
    assert outcome.data.next_steps == ()
    assert outcome.data.urls.web == "http://192.168.1.100:3000"


def test_an_address_that_needs_no_deploy_is_remembered_all_the_same(world):
    apply(world, plan(world))
    moved = an_environment(server__address="192.168.1.7")
    agreed = plan(world, moved)
    assert agreed.is_empty

    up.unchanged(moved, agreed, world.host)

    recorded = read_recorded(world.host)
    assert recorded
    assert recorded.admin
    assert recorded.urls == public_urls(moved)


def test_who_has_nothing_to_do_waits_for_nobody_to_remember_an_address(world):
    apply(world, plan(world))
    moved = an_environment(server__address="192.168.1.7")
    agreed = plan(world, moved)
    world.host.held_by = LockHolder(pid=1, who="li", host="web", since="2026-01-01", reason="backup")

    assert not up.unchanged(moved, agreed, world.host).data.changed


def test_a_machine_that_changed_since_is_left_alone(world):
    agreed = plan(world)
    apply(world, agreed)
    world.rewind()

    with pytest.raises(PlanChanged, match="nothing was done"):
        apply(world, agreed)

    assert world.writes == []


def test_a_held_lock_stops_it_before_anything_else(world):
    agreed = plan(world)
    world.host.held_by = LockHolder("ann", "box", 1, "now", "up")

    with pytest.raises(LockHeld):
        apply(world, agreed)

    assert world.writes == []


@pytest.mark.parametrize(
    ("status", "stdout", "message"),
    [
        (1, "", "Docker Compose is missing"),
        (0, "1.29.2\n", "Docker Compose is 1.29.2; at least version 2 is needed"),
        (0, "unknown\n", "Docker Compose is unknown"),
    ],
)
def test_compose_is_checked_before_the_first_change(world, status, stdout, message):
    agreed = plan(world)
    world.host.failing["docker compose version"] = CommandResult(status, stdout, "")

    with pytest.raises(DockerTooOld, match=message):
        apply(world, agreed)

    assert world.writes == []


@pytest.mark.parametrize("said", ["2.26.1", "v2.40.0-desktop.1", "5.0.1"])
def test_compose_that_is_new_enough(world, said):
    world.host.failing["docker compose version"] = CommandResult(0, f"{said}\n", "")

    assert apply(world, plan(world)).data.changed


def test_a_model_that_does_not_answer_is_a_warning_and_a_next_step(world):
    world.engine.model_answers = False

    outcome = apply(world, plan(world))

    assert outcome.exit_code == 0
    assert outcome.warnings[0].startswith("model_unreachable: ")
    assert "Mend the model server, then: llmchat-deploy health --env test" in outcome.data.next_steps


def test_what_failed_is_done_by_the_next_run(world):
    stopped = DockerUnavailable("The Docker engine stopped answering.", hint="Run the same command again.")
    for write in ("create network", "put files", "run once", "exec"):
        world.engine.tape.fail = {write: stopped}
        with pytest.raises(DockerUnavailable):
            apply(world, plan(world))
        world.engine.tape.fail = {}
        assert not world.host.locked

    apply(world, plan(world))

    assert plan(world).is_empty


def test_an_unhealthy_release_never_serves(world):
    apply(world, plan(world))
    world.engine.unhealthy.add("frontend")
    changed = an_environment(resources__frontend_memory="300m")

    with pytest.raises(Exception, match="goes on serving"):
        apply(world, plan(world, changed), changed)

    assert world.engine.serving.frontend == "a"
    assert "llmchat-test-frontend-b" not in world.engine.boxes
    assert world.engine.cut_off == []
    assert plan(world).is_empty


def test_a_failing_build_leaves_everything_as_it_was(world):
    apply(world, plan(world))
    before = world.state()
    world.host.failing["docker build"] = CommandResult(1, "", "")
    changed = SHIPPED.with_version("backend", "2")
    parts = (ENVIRONMENT, changed, world.host, world.engine)

    with pytest.raises(StepFailed):
        up.apply(up.plan(*parts), *parts, world.events.append)

    assert world.state() == before


def test_the_proxy_s_password_is_nowhere(world):
    environment = ENVIRONMENT.model_copy(update={"build": Build(http_proxy="http://u:hunter2-hunter2@proxy:3128")})

    outcome = apply(world, plan(world, environment), environment)

    seen = repr((outcome, world.events, world.host.commands, world.host.state, world.engine.boxes))
    assert "hunter2" not in seen
