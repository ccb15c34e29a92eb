"""``restart``: new processes beside what serves, and nobody notices."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

import pytest

from llmchat_deploy.apply.audit import read_runs
from llmchat_deploy.engine.base import ExecResult
from llmchat_deploy.errors import PlanChanged, RefusedError, Unhealthy
from llmchat_deploy.host.base import LockHolder
from llmchat_deploy.operations import restart
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.operations.parts import Parts
from llmchat_deploy.operations.restart import Asked, RestartData
from tests.unit.realistic_engine import EDGE
from tests.unit.world import SHIPPED, World, an_environment

ENVIRONMENT = an_environment(models__bundled=True)
STAT = "# pxname,svname,scur\nbackend,{},{}\n"
SOMEBODY = LockHolder("ann", "server", 7, "2026-01-01T00:00:00Z", "backup")


@pytest.fixture
def world() -> World:
    world = World()
    world.up(ENVIRONMENT)
    world.rewind()
    return world


def parts_of(world: World, environment=ENVIRONMENT) -> Parts:
    return Parts(environment, SHIPPED, world.host, world.engine)


def go(world: World, *services: str, cut: bool = False, environment=ENVIRONMENT) -> Outcome[RestartData]:
    asked, parts = Asked(services, cut), parts_of(world, environment)
    return restart.apply(restart.plan(parts, asked), asked, parts, world.events.append)


def open_answers(world: World, slot: str, count: Callable[[], int]) -> None:
    """Let the edge tell of open answers in a slot of the backend, each time it is asked."""

    def stat(_name: str, _argv: tuple[str, ...], stdin: bytes) -> ExecResult | None:
        return ExecResult(0, STAT.format(slot, count()), "") if stdin == b"show stat\n" else None

    world.engine.answers.append(stat)


def names(world: World) -> set[str]:
    return {name.removeprefix("llmchat-test-") for name in world.engine.boxes}


def test_what_has_two_places_moves_to_the_other_one_and_nobody_is_cut_off(world):
    before = deepcopy(world.engine.boxes)
    outcome = go(world)

    assert names(world) == {"model", "backend-b", "frontend-b", "edge"}
    assert (world.engine.serving.backend, world.engine.serving.frontend) == ("b", "b")
    assert world.engine.cut_off == []
    assert f"restart {EDGE}" not in world.writes
    for service in ("backend", "frontend"):
        then, now = before[f"llmchat-test-{service}-a"], world.engine.boxes[f"llmchat-test-{service}-b"]
        assert (now.digest, now.image) == (then.digest, then.image)
    assert outcome.data.services == ("llmchat-test-model", "llmchat-test-backend-b", "llmchat-test-frontend-b")
    assert outcome.data.slots == {"backend": "b", "frontend": "b"}
    assert (outcome.data.reloaded, outcome.data.draining, outcome.warnings) == (True, (), ())


def test_the_edge_gets_a_new_worker_once_no_slot_is_drained_any_more(world):
    worker = world.engine.worker
    go(world)

    assert world.engine.worker == worker + 1
    removed = world.writes.index("remove container llmchat-test-backend-a")
    assert world.writes.index(f"signal {EDGE} SIGUSR2") > removed
    assert world.plan(ENVIRONMENT).is_empty


def test_the_record_stays_as_it_is(world):
    recorded = world.host.state["current.json"]
    go(world)

    assert world.host.state["current.json"] == recorded
    assert [(run.command, run.result, run.deploys) for run in read_runs(world.host)] == [("restart", "finished", False)]


def test_only_the_named_ones(world):
    edge, frontend = world.engine.boxes[EDGE], world.engine.boxes["llmchat-test-frontend-a"]
    outcome = go(world, "backend")

    assert outcome.data.services == ("llmchat-test-backend-b",)
    assert outcome.data.slots == {"backend": "b"}
    assert world.engine.boxes[EDGE] is edge
    assert world.engine.boxes["llmchat-test-frontend-a"] is frontend
    assert not any(write.startswith(("restart", "signal")) for write in world.writes)


def test_the_edge_by_its_name_is_restarted_in_place(world):
    plan = restart.plan(parts_of(world), Asked(("edge",)))
    outcome = go(world, "edge")

    assert plan.expected_downtime == 6.0
    assert world.writes[1:-1] == [f"restart {EDGE}"]
    assert (outcome.data.services, outcome.data.reloaded) == ((EDGE,), False)


@pytest.mark.parametrize("trouble", ["stopped", "unhealthy"])
def test_an_edge_that_does_not_do_is_restarted_first(world, trouble):
    box = world.engine.boxes[EDGE]
    state = {"state": "exited"} if trouble == "stopped" else {"health": "unhealthy"}
    world.engine.boxes[EDGE] = replace(box, **state)
    go(world)

    assert world.engine.boxes[EDGE].runs
    assert world.writes[1] == f"restart {EDGE}"
    assert names(world) == {"model", "backend-b", "frontend-b", "edge"}


@pytest.mark.parametrize("trouble", ["stopped", "unhealthy", "gone"])
def test_what_serves_may_be_dead_by_then(world, trouble):
    name = "llmchat-test-frontend-a"
    if trouble == "stopped":
        world.engine.stop_by_hand(name)
    elif trouble == "unhealthy":
        world.engine.boxes[name] = replace(world.engine.boxes[name], health="unhealthy")
    else:
        world.engine.boxes["llmchat-test-frontend-b"] = replace(
            world.engine.boxes.pop(name), name="llmchat-test-frontend-b", slot="b"
        )
    go(world, "frontend")

    assert {name for name in names(world) if "frontend" in name} == {"frontend-b"}
    assert world.engine.serving.frontend == "b"
    assert world.plan(ENVIRONMENT).is_empty


def test_a_new_container_that_does_not_get_healthy_goes_and_what_served_goes_on(world):
    world.engine.answers.append(
        lambda name, argv, stdin: _unwell() if name.endswith("-b") and "health" in argv else None
    )

    with pytest.raises(Unhealthy, match=r"backend \(slot b\) doesn't get healthy") as error:
        go(world)

    assert "backend (slot a) goes on serving" in error.value.message
    assert names(world) == {"model", "backend-a", "frontend-a", "edge"}
    assert world.engine.cut_off == []
    assert world.plan(ENVIRONMENT).is_empty


def test_a_new_backend_that_can_not_chat_goes_too(world):
    def probe(name: str, argv: tuple[str, ...], _stdin: bytes) -> ExecResult | None:
        said = '{"ok": false, "model": "default", "reason": "nothing_listens", "detail": "d", "hint": "h"}'
        return ExecResult(9, said, "") if "probe" in argv and name.endswith("-b") else None

    world.engine.answers.append(probe)
    with pytest.raises(Unhealthy):
        go(world, "backend")

    assert world.engine.serving.backend == "a"
    assert "backend-b" not in names(world)


def test_the_lock_is_free_while_open_answers_are_waited_for(world):
    seen: list[bool] = []

    def count() -> int:
        seen.append(world.host.locked)
        return 3 - len(seen) if len(seen) < 3 else 0

    open_answers(world, "a", count)
    data = go(world).data

    assert seen[:3] == [False] * 3
    assert data.draining == ()
    assert "backend-a" not in names(world)


def test_who_interrupts_the_wait_leaves_the_slot_to_the_next_run(world):
    def interrupted() -> int:
        raise KeyboardInterrupt

    open_answers(world, "a", interrupted)
    data = go(world).data

    assert data.draining == ("backend (slot a)", "frontend (slot a)")
    assert data.reloaded is False
    assert world.engine.serving.backend == "b"
    world.engine.answers.clear()
    world.up(ENVIRONMENT)
    assert names(world) == {"model", "backend-b", "frontend-b", "edge"}


def test_a_slot_that_still_drains_is_waited_for_before_its_place_is_taken_by_a_new_container(world):
    def interrupted() -> int:
        raise KeyboardInterrupt

    open_answers(world, "a", interrupted)
    go(world, "backend")
    world.engine.answers.clear()
    left = [2, 1]
    open_answers(world, "a", lambda: left.pop(0) if left else 0)
    world.rewind()
    data = go(world, "backend").data

    assert left == []
    assert world.writes.index("remove container llmchat-test-backend-a") < world.writes.index(
        "compose up llmchat-test-backend-a"
    )
    assert data.slots == {"backend": "a"}
    assert {name for name in names(world) if "backend" in name} == {"backend-a"}
    assert world.engine.cut_off == []


def test_cut_waits_for_nobody(world):
    open_answers(world, "a", lambda: 1)
    began = world.host.clock
    go(world, "backend", cut=True)

    assert world.host.clock - began < 5
    assert {name for name in names(world) if "backend" in name} == {"backend-b"}


def test_a_slot_that_serves_again_meanwhile_stays(world):
    def count() -> int:
        world.engine.answers.clear()
        go(world, "backend", cut=True)  # somebody restarts once more while the answers are waited for
        return 0

    open_answers(world, "a", count)
    go(world, "backend")

    assert {name for name in names(world) if "backend" in name} == {"backend-a"}
    assert world.engine.serving.backend == "a"
    assert world.engine.cut_off == []


def test_somebody_who_is_at_work_by_then_is_not_disturbed(world):
    def count() -> int:
        world.host.held_by = SOMEBODY
        return 0

    open_answers(world, "a", count)
    data = go(world, "backend").data

    assert data.draining == ("backend (slot a)",)
    assert names(world) >= {"backend-a", "backend-b"}


def test_a_changed_configuration_waits_for_up(world):
    changed = an_environment(
        models__bundled=True, server__web_port=3100, auth__token_minutes=60, backup__schedule="every 6h"
    )
    digests = {box.service: box.digest for box in world.engine.boxes.values()}
    asked: list[str] = []
    get = world.host.get
    world.host.get = lambda url, *, timeout: (asked.append(url), get(url, timeout=timeout))[1]
    go(world, environment=changed)

    assert {box.service: box.digest for box in world.engine.boxes.values()} == digests
    assert world.plan(ENVIRONMENT).is_empty
    assert set(asked) == {"http://127.0.0.1:3000/auth", "http://127.0.0.1:8000/health/ready"}


def test_a_machine_that_changed_since_it_was_agreed_is_left_alone(world):
    asked = Asked(("backend",))
    agreed = restart.plan(parts_of(world), asked)
    world.engine.stop_by_hand("llmchat-test-backend-a")
    world.rewind()

    with pytest.raises(PlanChanged):
        restart.apply(agreed, asked, parts_of(world), world.events.append)
    assert world.writes == []


def _unwell() -> ExecResult:
    return ExecResult(1, "", "database is locked")


def test_nothing_is_there():
    with pytest.raises(RefusedError, match="Nothing of environment 'test' is there") as error:
        go(World())

    assert error.value.hint == "Start it: llmchat-deploy up --env test"
