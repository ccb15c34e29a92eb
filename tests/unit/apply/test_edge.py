"""The edge: checked, written, loaded, switched, in an order that a cut, a restart or a refusal can't hurt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from llmchat_deploy.apply import edge
from llmchat_deploy.apply.edge import switch_commands
from llmchat_deploy.apply.run import Findings, Run
from llmchat_deploy.engine.base import ExecResult
from llmchat_deploy.errors import StepFailed, Unhealthy
from llmchat_deploy.plan.steps import CheckEdge, ConfigureEdge, SwitchSlots
from llmchat_deploy.render.loaded import NOT_LOADED
from llmchat_deploy.render.release import RenderedFile, Slot, Slots
from tests.unit.world import EDGE, World, an_environment, slots_file

VOLUME = "llmchat-test_edge"
TO_B = Slots(Slot.B, Slot.A)
CONFIGURE = ConfigureEdge(
    volume=VOLUME, image="i", project="llmchat-test", cause="changed",
    files=(RenderedFile("haproxy.cfg", "new\n", 0o640, "d"),),
)  # fmt: skip
FROM_A = Slots(Slot.A, Slot.A)
SWITCH = SwitchSlots(
    volume=VOLUME, image="i", project="llmchat-test", slots=TO_B, file=slots_file(TO_B), before=slots_file(FROM_A),
    cause="proved",
)  # fmt: skip
CHECK = CheckEdge(urls=("http://127.0.0.1:3000/auth", "http://127.0.0.1:8000/health/ready"), timeout=30, cause="c")


@pytest.fixture
def world() -> World:
    world = World()
    world.up(an_environment())
    world.engine.boxes["llmchat-test-backend-b"] = world.engine.boxes["llmchat-test-backend-a"]
    world.rewind()
    return world


def run(world: World) -> Run:
    return Run(an_environment(), world.host, world.engine, Findings(), lambda line: None)


def test_the_new_slots_get_ready_before_the_old_ones_drain():
    assert switch_commands(Slots(Slot.B, Slot.A)) == (
        "set server backend/b state ready;set server frontend/a state ready\n",
        "set server backend/a state drain;set server frontend/b state drain\n",
    )


def test_a_slot_that_is_not_there_yet_is_drained():
    ready, drain = switch_commands(Slots(Slot.A, None))

    assert ready == "set server backend/a state ready\n"
    assert drain.count("frontend") == 2


def test_a_switch_is_written_then_made_then_called_made(world):
    edge.switch(SWITCH, run(world))

    assert [write.split(":")[0] for write in world.writes] == [
        f"put files {VOLUME}", f"command {EDGE}", f"command {EDGE}", f"put files {VOLUME}",
    ]  # fmt: skip
    assert "ready" in world.writes[1]
    assert "drain" in world.writes[2]
    assert world.engine.serving == TO_B
    assert world.engine.stored("slots.cfg") == slots_file(TO_B).content


def test_until_it_is_made_the_file_says_so(world):
    seen: list[str | None] = []
    world.engine.answers.append(lambda *_: seen.append(world.engine.stored("slots.cfg")))

    edge.switch(SWITCH, run(world))

    assert seen
    assert all(text == NOT_LOADED + str(slots_file(TO_B).content) for text in seen)


def test_an_edge_that_does_not_run_reads_its_file_when_it_starts(world):
    world.engine.stop_by_hand(EDGE)

    edge.switch(SWITCH, run(world))
    edge.configure(CONFIGURE, run(world))

    assert world.writes == [f"put files {VOLUME}"] * 2
    assert world.engine.stored("slots.cfg") == slots_file(TO_B).content
    assert world.engine.stored("haproxy.cfg") == "new\n"


def test_what_haproxy_says_against_a_switch_fails_it_before_anything_drains(world):
    world.engine.answers.append(
        lambda name, argv, stdin: ExecResult(0, "No such server.\n", "") if b"set server" in stdin else None
    )

    with pytest.raises(StepFailed) as error:
        edge.switch(SWITCH, run(world))

    assert error.value.details == ("No such server.",)
    assert world.engine.serving == Slots(Slot.A, Slot.A)


def test_nothing_drains_before_the_edge_has_found_the_new_slot(world):
    rows = [
        "4 backend 2 b - 2 0 1 1 28 1 0 2 0 0 0 0 - 0 - 0 0 - - 0",
        "5 frontend 1 a - 0 32 1 1 4 1 0 0 8 0 0 0 frontend-a 3000 - 0 0 - - 0",
    ]
    world.engine.answers.append(
        lambda name, argv, stdin: ExecResult(0, "1\n# be_id\n" + "\n".join(rows), "") if b"servers" in stdin else None
    )

    with pytest.raises(StepFailed, match="not found by its name within 15 s; what served before still serves"):
        edge.switch(SWITCH, run(world))
    assert not [write for write in world.writes if "backend/a state drain" in write]
    assert world.writes[-3:] == [
        f"command {EDGE}: set server backend/a state ready;set server frontend/a state ready",
        f"command {EDGE}: set server backend/b state drain;set server frontend/b state drain",
        f"put files {VOLUME}",
    ]
    assert world.engine.serving == FROM_A
    assert world.engine.stored("slots.cfg") == slots_file(FROM_A).content  # what a restarted edge would read

    rows[1] = rows[1].replace(" 0 32 ", " 2 0 ")
    edge.switch(SWITCH, run(world))
    assert world.engine.serving == TO_B


def test_what_cannot_be_switched_back_is_left_to_the_next_run(world):
    world.engine.answers.append(
        lambda name, argv, stdin: ExecResult(1, "", "no socket\n") if b"set server" in stdin else None
    )

    with pytest.raises(StepFailed, match="didn't take the switch"):
        edge.switch(SWITCH, run(world))

    assert world.engine.stored("slots.cfg") == NOT_LOADED + str(slots_file(FROM_A).content)


def test_nothing_is_switched_back_where_nobody_knows_what_served(world):
    world.engine.answers.append(
        lambda name, argv, stdin: ExecResult(1, "", "no socket\n") if b"set server" in stdin else None
    )

    with pytest.raises(StepFailed):
        edge.switch(replace(SWITCH, before=None), run(world))

    assert world.engine.stored("slots.cfg") == NOT_LOADED + str(slots_file(TO_B).content)


def test_a_configuration_is_checked_before_it_is_written(world):
    world.engine.refuses = "[ALERT] unknown keyword\n"
    before = world.engine.stored("haproxy.cfg")

    with pytest.raises(StepFailed, match="the old one stays, on its volume too") as error:
        edge.configure(CONFIGURE, run(world))

    assert error.value.details == ("[ALERT] unknown keyword",)
    assert world.engine.stored("haproxy.cfg") == before
    assert not [write for write in world.writes if "signal" in write]


def test_a_configuration_is_loaded_by_the_running_edge(world):
    edge.configure(CONFIGURE, run(world))

    assert world.writes == [f"put files {VOLUME}"] * 2 + [f"signal {EDGE} SIGUSR2", f"put files {VOLUME}"]
    assert world.engine.loaded["haproxy"] == "new\n"
    assert world.engine.stored("haproxy.cfg") == "new\n"


def test_an_edge_that_does_not_load_its_configuration_is_no_success(world):
    world.engine.deaf = True

    with pytest.raises(StepFailed, match="doesn't load its new configuration within 15 s"):
        edge.configure(CONFIGURE, run(world))

    assert world.engine.stored("haproxy.cfg") == NOT_LOADED + "new\n"  # so that the next run tries again


def test_page_and_api_are_asked_as_a_browser_would(world):
    edge.check(CHECK, run(world))


@pytest.mark.parametrize(("status", "said"), [(503, "answers 503"), (0, "doesn't answer")])
def test_an_address_that_does_not_answer_is_named(world, status, said):
    world.host.http[CHECK.urls[1]] = status

    with pytest.raises(Unhealthy, match=rf"http://127.0.0.1:8000/health/ready {said}, though every service"):
        edge.check(CHECK, run(world))

    assert world.host.clock - 1_800_000_000 == pytest.approx(30, abs=1)


def test_both_addresses_must_answer_though_one_takes_its_time(world):
    world.host.http[CHECK.urls[0]] = 503
    sleep = world.host.sleep

    def later(seconds: float) -> None:
        sleep(seconds)
        world.host.http[CHECK.urls[0]] = 200

    world.host.sleep = later  # type: ignore[method-assign]

    edge.check(CHECK, run(world))
