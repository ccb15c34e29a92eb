"""A change of the database that no release before it can serve beside is made behind the maintenance page."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import pytest

from llmchat_deploy.apply.audit import audited
from llmchat_deploy.engine.base import ExecResult
from llmchat_deploy.errors import RefusedError, StepFailed, Unhealthy
from llmchat_deploy.plan.offline import OVERHEAD_SECONDS
from llmchat_deploy.plan.steps import BackUp, Migrate, SwitchSlots
from llmchat_deploy.plan.up import UpOptions
from llmchat_deploy.render.release import Slot, Slots
from tests.fakes import Killed
from tests.unit.world import SHIPPED, Sources, World, an_environment, release_of

ENVIRONMENT = an_environment()
OTHER = an_environment(models__idle_timeout=60)
OFFLINE = SHIPPED.with_version("backend", "2").with_version("schema", "0002").with_version("offline", "0002")
EVERYTHING = OFFLINE.with_version("frontend", "2")
LATER = EVERYTHING.with_version("backend", "3").with_version("schema", "0003")
REQUIRED = UpOptions(require_model=True)
OLD, NEW = "llmchat-test-backend-a", "llmchat-test-backend-b"


def image_of(sources: Sources) -> str:
    backend = release_of(ENVIRONMENT, sources).service("backend")
    assert backend is not None
    return backend.image.tag


def before_it() -> World:
    """Return a machine with a release that knows revision 0001 only; 0002 is offline."""
    world = World()
    world.engine.knows = {image_of(sources): sources.revisions()[-1].name for sources in (SHIPPED, OFFLINE, LATER)}
    world.engine.offline = "0002"
    world.up(ENVIRONMENT)
    world.rewind()
    return world


@pytest.fixture
def world() -> World:
    return before_it()


def go(world: World, sources: Sources = OFFLINE, environment=ENVIRONMENT, *, command: str = "up") -> None:
    plan = world.plan(environment, sources)
    with audited(world.host, world.engine, command, plan):
        world.carry_out(plan, environment)


def test_the_plan_says_what_happens_and_for_how_long_nobody_is_served(world: World) -> None:
    plan = world.plan(ENVIRONMENT, EVERYTHING)

    titles = [step.title for step in plan.steps if not step.title.startswith(("build", "store", "remove", "put"))]
    assert titles == [
        "start frontend (slot b)",
        "wait for frontend (slot b)",
        "back up llmchat-test_backend-db",
        "migrate the database behind the maintenance page",
        "start backend (slot b)",
        "wait for backend (slot b)",
        "ask the model for a first token",
        "send requests to backend (slot b) and frontend (slot b)",
        "check the page and the API",
        f"record release {plan.release}",
        "stop backend (slot a)",
        "stop frontend (slot a)",
    ]
    (migrate,) = (step for step in plan.steps if isinstance(step, Migrate))
    assert migrate.cause == "no release before can serve beside revision 0002"
    assert migrate.offline is not None
    assert [step.title for step in migrate.offline.first] == ["show the maintenance page", "stop backend (slot a)"]
    assert plan.expected_downtime == OVERHEAD_SECONDS + 20
    assert plan.notes[-1] == (
        "A maintenance page stands while the database goes through 0002: for about 30 s, and for at most 30 s more"
        " where answers are open."
    )


def test_it_is_made_and_nobody_who_can_t_use_it_meets_the_new_schema(world: World) -> None:
    go(world, EVERYTHING)

    engine = world.engine
    assert (engine.database, engine.serving) == ("0002", Slots(Slot.B, Slot.B))
    assert (engine.wronged, engine.cut_off) == ([], [])
    assert OLD not in engine.boxes
    assert world.plan(ENVIRONMENT, EVERYTHING).is_empty


def test_the_page_stands_before_the_old_backend_stops_and_that_before_the_change(world: World) -> None:
    go(world)

    writes = world.writes
    page = next(
        i for i, write in enumerate(writes) if write.endswith("backend/b state drain;set server frontend/b state drain")
    )
    stop, change = writes.index(f"stop {OLD}"), writes.index("run once llmchat-backend migrate")
    again = next(i for i, write in enumerate(writes) if i > page and "set server backend/b state ready" in write)
    assert page < stop < change < again
    told = [event.detail for event in world.events if event.title.startswith("migrate") and event.detail]
    assert told == ["show the maintenance page", "stop backend (slot a)", "change the database"]


def test_the_running_edge_is_given_the_page_before_it_is_needed(world: World) -> None:
    plan = world.plan(OTHER, OFFLINE)  # another time limit: another configuration of the edge
    names = [type(step).__name__ for step in plan.steps]

    assert names.count("ConfigureEdge") == 1
    assert names.index("ConfigureEdge") < names.index("Migrate")
    world.carry_out(plan, OTHER)
    assert (world.engine.wronged, world.engine.cut_off) == ([], [])


def test_where_it_fails_the_release_before_serves_again(world: World) -> None:
    before = world.engine.boxes[OLD]
    world.engine.broken = {image_of(OFFLINE)}

    with pytest.raises(StepFailed) as failed:
        go(world)

    assert failed.value.exit_code == 8
    assert failed.value.hint == "The database is as it was, and the release before serves again."
    assert failed.value.way_back == ""
    assert world.engine.serving == Slots(Slot.A, Slot.A)
    assert world.engine.boxes[OLD] == before
    assert NEW not in world.engine.boxes
    assert world.engine.cut_off == []
    assert world.plan(ENVIRONMENT, SHIPPED).steps[:1] == () or not any(
        isinstance(step, SwitchSlots | Migrate) for step in world.plan(ENVIRONMENT, SHIPPED).steps
    )
    world.engine.broken.clear()
    go(world)
    assert (world.engine.database, world.engine.wronged) == ("0002", [])


def test_an_interrupt_lets_the_release_before_serve_again(world: World) -> None:
    plan = world.plan(ENVIRONMENT, OFFLINE)

    def interrupted(*_arguments: object, **_more: object) -> None:
        raise KeyboardInterrupt

    world.engine.run_once = interrupted  # type: ignore[method-assign, assignment]
    with pytest.raises(KeyboardInterrupt) as stopped:
        world.carry_out(plan, ENVIRONMENT)

    assert str(stopped.value) == "The database is as it was, and the release before serves again."
    assert world.engine.serving == Slots(Slot.A, Slot.A)
    assert world.engine.boxes[OLD].runs


def test_where_the_database_did_change_the_release_before_doesn_t_serve(world: World) -> None:
    plan = world.plan(ENVIRONMENT, OFFLINE)
    migrate = world.engine.run_once

    def lost(*arguments: object, **more: object) -> None:
        migrate(*arguments, **more)  # type: ignore[arg-type]
        raise StepFailed("The engine went away.")

    world.engine.run_once = lost  # type: ignore[method-assign, assignment]
    with pytest.raises(StepFailed) as failed:
        world.carry_out(plan, ENVIRONMENT)
    del world.engine.run_once

    assert failed.value.hint.startswith("The maintenance page stays, because the release before doesn't serve again:")
    assert failed.value.hint.endswith(failed.value.way_back)
    assert failed.value.way_back.startswith("llmchat-deploy rollback")
    assert world.engine.serving == Slots(None, Slot.A)
    go(world)
    assert (world.engine.serving.backend, world.engine.wronged) == (Slot.B, [])


def test_an_edge_that_doesn_t_show_the_page_goes_on_serving(world: World) -> None:
    world.engine.tape.fail["command llmchat-test-edge"] = StepFailed("The edge didn't take it.")
    with pytest.raises(StepFailed):
        go(world)

    assert not any(write.startswith(("stop", "restart", "run once")) for write in world.writes)
    assert world.engine.boxes[OLD].runs


def test_a_new_release_that_doesn_t_get_healthy_leaves_the_page_and_names_the_way_back(world: World) -> None:
    recorded = world.plan(ENVIRONMENT, SHIPPED).release
    world.engine.unhealthy = {"backend"}
    with pytest.raises(Unhealthy) as failed:
        go(world)

    assert f"llmchat-deploy rollback {recorded} brings release and data from before back." in failed.value.hint
    assert "nothing else serves in its place" in failed.value.message
    assert world.engine.serving == Slots(None, Slot.A)
    world.engine.unhealthy = set()
    go(world, LATER)
    assert (world.engine.serving.backend, world.engine.wronged) == (Slot.B, [])


def silent_model(world: World) -> None:
    said = '{"ok": false, "model": "glm-4", "reason": "nothing_listens", "detail": "d", "hint": "h"}'
    world.engine.answers.append(lambda _name, argv, _stdin: ExecResult(9, said, "") if "probe" in argv else None)


def test_a_required_model_that_doesn_t_answer_fails_it_before_anybody_is_sent_away(world: World) -> None:
    silent_model(world)
    with pytest.raises(Unhealthy, match=r"backend \(slot a\) can't chat"):
        world.carry_out(world.plan(ENVIRONMENT, OFFLINE, REQUIRED), ENVIRONMENT)

    assert (world.engine.serving, world.engine.database) == (Slots(Slot.A, Slot.A), "0001")
    assert world.engine.boxes[OLD].runs
    assert not any(write.startswith(("stop", "run once", "command")) for write in world.writes)


def test_a_required_model_that_is_gone_once_the_database_changed_is_a_warning(world: World) -> None:
    plan = world.plan(ENVIRONMENT, OFFLINE, REQUIRED)
    migrate = world.engine.run_once

    def lost(*arguments: object, **more: object) -> ExecResult:
        silent_model(world)
        return migrate(*arguments, **more)  # type: ignore[arg-type]

    world.engine.run_once = lost  # type: ignore[method-assign, assignment]
    findings = world.carry_out(plan, ENVIRONMENT)

    assert findings.warnings[0].startswith("model_unreachable")
    assert world.engine.serving == Slots(Slot.B, Slot.A)


def test_a_required_model_fails_a_run_that_goes_on_behind_the_page_once_it_serves(world: World) -> None:
    world.engine.tape.fail["run once"] = Killed()  # type: ignore[assignment]
    with pytest.raises(Killed):
        go(world)
    world.rewind()
    silent_model(world)
    with pytest.raises(Unhealthy):
        world.carry_out(world.plan(ENVIRONMENT, OFFLINE, REQUIRED), ENVIRONMENT)

    assert world.engine.serving == Slots(Slot.B, Slot.A)


def test_the_release_before_is_refused_on_the_changed_database(world: World) -> None:
    go(world)
    with pytest.raises(RefusedError, match="It is too new"):
        go(world, SHIPPED)

    assert (world.engine.serving.backend, world.engine.wronged) == (Slot.B, [])


def test_there_is_no_page_where_nobody_has_to_stand_aside(world: World) -> None:
    later = deepcopy(world)
    go(later, OFFLINE)
    down = deepcopy(world)
    down.down(ENVIRONMENT)
    fresh = World()

    for there, sources in ((later, LATER), (down, OFFLINE), (fresh, OFFLINE)):
        plan = there.plan(ENVIRONMENT, sources)
        (migrate,) = (step for step in plan.steps if isinstance(step, Migrate))
        assert migrate.offline is None
        assert plan.expected_downtime == 0.0
    assert sum(isinstance(step, BackUp) for step in world.plan(ENVIRONMENT, OFFLINE).steps) == 1


def test_a_slot_that_still_finishes_answers_is_gone_before_the_change(world: World) -> None:
    go(world, SHIPPED, OTHER)  # b serves
    left = replace(world.engine.boxes[NEW], name=OLD, slot="a", digest="of a release before")
    world.engine.boxes[OLD] = left

    go(world, OFFLINE, OTHER)

    assert (world.engine.database, world.engine.serving.backend) == ("0002", Slot.A)
    assert (world.engine.wronged, world.engine.cut_off) == ([], [])
