"""What holds when one trouble follows another: cuts upon cuts, releases that never get healthy, stopped containers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmchat_deploy.errors import DeployError
from tests.fakes import Killed
from tests.unit.plan.strategies import Wish, wishes
from tests.unit.world import World

cut = st.tuples(st.just("cut"), wishes(), st.integers(1, 40), st.booleans())
sick = st.tuples(st.just("sick"), wishes(), st.sampled_from(["backend", "frontend"]))
mute = st.tuples(st.just("mute"), wishes())
stopped = st.tuples(st.just("stopped"), st.sampled_from(["edge", "backend-a", "backend-b", "frontend-a", "model"]))
troubles = st.lists(st.one_of(cut, sick, mute, stopped), min_size=1, max_size=4)


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
    assert world.engine.volume_projects == fresh.engine.volume_projects


@given(wishes(), st.lists(st.one_of(cut, sick, mute), min_size=1, max_size=4))
def test_and_nobody_is_cut_off_meanwhile(first, befalling):
    world = World()
    up(world, first)
    for trouble in befalling:
        befall(world, trouble)
        serving = world.engine.serving
        for name in ("backend", "frontend"):
            assert world.engine.boxes[f"llmchat-test-{name}-{serving.of(name)}"].runs, trouble[0]

    assert world.engine.cut_off == []
