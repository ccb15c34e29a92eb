"""What holds when one trouble follows another: cuts upon cuts, releases that never get healthy, stopped containers."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from llmchat_deploy.engine.base import ExecResult
from llmchat_deploy.errors import DeployError
from llmchat_deploy.render.release import Slot, Slots
from llmchat_deploy.render.slots import parse_slots
from tests.fakes import Killed
from tests.unit.plan.strategies import Wish, wishes
from tests.unit.world import EDGE, SHIPPED, World, an_environment, slots_file

cut = st.tuples(st.just("cut"), wishes(), st.integers(1, 40), st.booleans())
sick = st.tuples(st.just("sick"), wishes(), st.sampled_from(["backend", "frontend"]))
mute = st.tuples(st.just("mute"), wishes())
deaf = st.tuples(st.just("deaf"), wishes(), st.integers(1, 4))
stopped = st.tuples(st.just("stopped"), st.sampled_from(["edge", "backend-a", "backend-b", "frontend-a", "model"]))
troubles = st.lists(st.one_of(cut, sick, mute, deaf, stopped), min_size=1, max_size=4)


def up(world: World, wish: Wish) -> None:
    world.up(wish.environment, wish.sources)


def befall(world: World, trouble: tuple) -> None:
    """Let one trouble happen, as far as it can."""
    match trouble:
        case ("cut", wish, at, after):
            world.rewind(kill_at=at, kill_after=after)
            try:
                up(world, wish)
            except Killed:
                pass
            finally:
                world.rewind()
        case ("sick", wish, service):
            world.engine.unhealthy.add(service)
            try:
                up(world, wish)
            except DeployError:
                pass
            finally:
                world.engine.unhealthy.clear()
        case ("mute", wish):
            world.engine.model_answers = False
            up(world, wish)
            world.engine.model_answers = True
        case ("deaf", wish, times):
            # The edge refuses that many commands: the switch fails, and perhaps switching back does too.
            refusals = [ExecResult(1, "", "no socket\n")] * times
            world.engine.answers.append(
                lambda name, argv, stdin: refusals.pop() if refusals and b"set server" in stdin else None
            )
            with contextlib.suppress(DeployError):
                up(world, wish)
            world.engine.answers.clear()
        case ("stopped", name) if f"llmchat-test-{name}" in world.engine.boxes:
            world.engine.stop_by_hand(f"llmchat-test-{name}")


@given(wishes(), troubles, wishes())
def test_whatever_happened_the_next_undisturbed_run_brings_everything_about(first, befalling, last):
    world = World()
    up(world, first)
    for trouble in befalling:
        befall(world, trouble)

    up(world, last)

    assert world.plan(last.environment, last.sources).is_empty
    assert all(box.runs for box in world.engine.boxes.values())
    fresh = World()
    up(fresh, last)
    assert {box.digest for box in world.engine.boxes.values()} == {box.digest for box in fresh.engine.boxes.values()}
    assert world.volumes == fresh.volumes


@given(wishes(), st.lists(st.one_of(cut, sick, mute), min_size=1, max_size=4))
def test_and_nobody_is_cut_off_meanwhile(first, befalling):
    world = World()
    up(world, first)
    over = False
    for trouble in befalling:
        befall(world, trouble)
        # A cut after it is written down that an offline migration is over leaves its page there until the next run.
        offline = trouble[0] == "cut" and "offline" in dict(trouble[1].sources.versions)
        over = offline or (over and trouble[0] != "mute")  # whose run comes to its end
        serving = world.engine.serving
        for name in ("backend", "frontend"):
            behind_the_page = over or parse_slots(world.engine.stored("slots.cfg")).maintenance
            if not (name == "backend" and behind_the_page and serving.backend is None):
                assert world.engine.boxes[f"llmchat-test-{name}-{serving.of(name)}"].runs, trouble[0]

    assert world.engine.cut_off == []


def test_an_edge_that_takes_no_switch_and_is_stopped_then_is_started_before_it_is_asked():
    world, environment = World(), an_environment()
    world.up(environment)
    befall(world, ("deaf", Wish(environment, SHIPPED.with_version("backend", "2")), 2))
    befall(world, ("stopped", "edge"))

    world.up(environment)

    assert world.plan(environment).is_empty
    assert world.engine.serving == Slots(Slot.A, Slot.A)


def test_a_switch_that_fails_leaves_the_old_release_serving_after_a_restart_of_the_edge_too():
    world, environment = World(), an_environment()
    world.up(environment)
    row = "4 backend 2 b - 2 32 1 1 28 1 0 2 0 0 0 0 - 0 - 0 0 - - 0"
    world.engine.answers.append(
        lambda name, argv, stdin: ExecResult(0, f"1\n# be_id\n{row}", "") if b"servers" in stdin else None
    )

    with contextlib.suppress(DeployError):
        world.up(environment, SHIPPED.with_version("backend", "2"))

    old = Slots(Slot.A, Slot.A)
    assert world.engine.serving == old
    world.engine.restart(EDGE, timeout=1)
    assert world.engine.serving == old
    assert world.engine.stored("slots.cfg") == slots_file(old).content
    assert world.engine.cut_off == []
