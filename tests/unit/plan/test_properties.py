"""What holds for every deploy, whatever was there before and wherever it is cut."""

from __future__ import annotations

import json
from copy import deepcopy

from hypothesis import assume, given
from hypothesis import strategies as st

from llmchat_deploy.config.model import Environment
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.steps import RemoveVolume, SwitchSlots
from tests.fakes import Killed
from tests.unit.plan.strategies import Wish, wishes
from tests.unit.world import Sources, World, an_environment

histories = st.lists(wishes(), min_size=1, max_size=3)
cuts = st.tuples(st.integers(1, 40), st.booleans())


def deployed(*history: Wish) -> World:
    world = World()
    for wish in history:
        world.up(wish.environment, wish.sources)
    world.rewind()
    return world


def running(world: World) -> list[tuple[str, str, str]]:
    """Return what runs, whichever slots it is in."""
    return sorted((box.service, box.digest, box.state) for box in world.engine.boxes.values())


def cut(world: World, plan: Plan, environment: Environment, at: int, *, after: bool) -> bool:
    """Carry a plan out until a write; return whether it was cut."""
    world.rewind(kill_at=at, kill_after=after)
    try:
        world.carry_out(plan, environment)
    except Killed:
        return True
    finally:
        world.rewind()
    return False


def texts(world: World, *plans: Plan) -> str:
    """Return everything that people and processes get to see of a deploy."""
    shown = [text for plan in plans for text in (str(plan), repr(plan), json.dumps(plan.to_json()))]
    engine = world.engine
    seen = (world.events, world.host.commands, world.host.variables, world.host.state, engine.boxes, engine.runs)
    return "".join([*shown, *map(repr, seen), *world.writes])


@given(histories)
def test_an_applied_plan_leaves_nothing_to_do(history):
    world = deployed(*history)

    assert world.plan(history[-1].environment, history[-1].sources).is_empty


@given(histories)
def test_what_runs_is_what_was_asked_for_and_nothing_else(history):
    world, fresh = deployed(*history), deployed(history[-1])

    assert running(world) == running(fresh)
    assert world.volumes == fresh.volumes
    assert world.engine.loaded["haproxy"] == fresh.engine.loaded["haproxy"] == world.engine.stored("haproxy.cfg")


@given(histories)
def test_the_same_machine_and_wish_give_the_same_plan(history):
    *before, last = history
    worlds = deployed(*before), deployed(*before)

    plans = [world.plan(last.environment, last.sources) for world in worlds]

    assert plans[0] == plans[1]
    assert str(plans[0]) == str(plans[1])
    assert worlds[0].writes == []  # planning changes nothing


@given(histories, wishes(), cuts)
def test_a_run_that_was_cut_is_finished_by_the_next(history, wish, at):
    uncut = deployed(*history)
    plan = uncut.plan(wish.environment, wish.sources)
    world = deepcopy(uncut)
    uncut.carry_out(plan, wish.environment)
    assume(cut(world, plan, wish.environment, at[0], after=at[1]))

    world.up(wish.environment, wish.sources)

    assert world.state() == uncut.state()
    assert world.plan(wish.environment, wish.sources).is_empty


@given(histories, wishes(), wishes(), cuts)
def test_a_run_that_was_cut_may_be_followed_by_another_wish(history, wish, other, at):
    world = deployed(*history)
    cut(world, world.plan(wish.environment, wish.sources), wish.environment, at[0], after=at[1])

    world.up(other.environment, other.sources)

    assert world.plan(other.environment, other.sources).is_empty
    assert world.engine.cut_off == []
    assert world.volumes == deployed(other).volumes


@given(histories, cuts)
def test_nobody_is_cut_off_at_any_moment(history, at):
    """The fake edge knows where it sends requests: it notes each write that takes that place away."""
    *before, last = history
    world = deployed(*before)
    cut(world, world.plan(last.environment, last.sources), last.environment, at[0], after=at[1])
    world.up(last.environment, last.sources)

    assert world.engine.cut_off == []
    for name in ("backend", "frontend"):
        assert world.engine.boxes[f"llmchat-test-{name}-{world.engine.serving.of(name)}"].runs


@given(histories, st.booleans())
def test_data_goes_only_where_it_is_asked_for(history, volumes):
    world = World()
    for wish in history:
        plan = world.plan(wish.environment, wish.sources)
        assert not plan.is_destructive
        assert not any(isinstance(step, RemoveVolume) and "backend-db" in step.name for step in plan.steps)
        world.carry_out(plan, wish.environment)

    down = world.plan_down(history[-1].environment, volumes=volumes)
    world.carry_out(down, history[-1].environment)

    assert down.is_destructive is volumes
    assert ("llmchat-test_backend-db" in world.engine.volume_projects) is not volumes
    assert world.engine.boxes == {}
    assert world.engine.network_projects == {}


@given(histories, cuts)
def test_no_secret_is_shown_anywhere(history, at):
    *before, last = history
    world = deployed(*before)
    plan = world.plan(last.environment, last.sources)
    cut(world, plan, last.environment, at[0], after=at[1])
    again = world.plan(last.environment, last.sources)
    world.carry_out(again, last.environment)
    down = world.plan_down(last.environment, volumes=True)

    everything = texts(world, plan, again, down)

    values = [secret.reveal() for wish in history for secret in wish.environment.secrets if secret]
    assert [value for value in values if value in everything or json.dumps(value)[1:-1] in everything] == []


@given(wishes(), st.sampled_from(["frontend", "backend"]))
def test_a_change_of_one_service_leaves_the_other_alone(wish, changed):
    other = "frontend" if changed == "backend" else "backend"
    world = deployed(wish)
    before = world.engine.boxes[f"llmchat-test-{other}-a"]

    world.up(wish.environment, wish.sources.with_version(changed, "9"))

    assert [write for write in world.writes if f"-{other}-" in write] == []
    assert world.engine.boxes[f"llmchat-test-{other}-a"] is before
    assert f"llmchat-test-{changed}-b" in world.engine.boxes


@given(wishes(), wishes())
def test_old_keys_go_only_after_the_switch(wish, other):
    assume(wish.environment.secret_key != other.environment.secret_key)
    world = deployed(wish)
    (old,) = [name for name in world.engine.volume_projects if "_keys-" in name]

    world.up(other.environment, other.sources)

    switch = next(index for index, write in enumerate(world.writes) if write.startswith("command"))
    assert world.writes.index(f"remove volume {old}") > switch
    assert len([name for name in world.engine.volume_projects if "_keys-" in name]) == 1


@given(histories)
def test_a_plan_switches_once_after_everything_new_is_proved(history):
    *before, last = history
    plan = deployed(*before).plan(last.environment, last.sources)
    names = [type(step).__name__ for step in plan.steps]

    assert sum(isinstance(step, SwitchSlots) for step in plan.steps) <= 1
    if "SwitchSlots" in names:
        proofs = [index for index, name in enumerate(names) if name == "ProbeModel"]
        assert all(index < names.index("SwitchSlots") for index in proofs)


def test_stopped_containers_are_what_the_next_run_brings_back():
    wish = Wish(an_environment(), Sources())
    world = deployed(wish)
    for name in list(world.engine.boxes):
        world.engine.stop_by_hand(name)

    world.up(wish.environment, wish.sources)

    assert all(box.runs for box in world.engine.boxes.values())
    assert world.plan(wish.environment, wish.sources).is_empty
