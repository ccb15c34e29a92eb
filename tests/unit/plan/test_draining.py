"""A slot that still answers is waited for."""

from __future__ import annotations

from copy import deepcopy

import pytest

from llmchat_deploy.plan.steps import StopSlot
from llmchat_deploy.plan.up import UpOptions
from tests.fakes import Killed
from tests.unit.world import World, an_environment


@pytest.fixture
def deployed() -> World:
    world = World()
    world.up(an_environment())
    return world


def test_a_slot_that_still_answers_is_waited_for_before_its_place_is_taken(deployed):
    changed, another = an_environment(auth__token_minutes=60), an_environment(auth__token_minutes=90)
    uncut = deepcopy(deployed)
    uncut.rewind()
    uncut.up(changed)
    number = uncut.writes.index("remove container llmchat-test-backend-a") + 1
    deployed.rewind(kill_at=number)
    with pytest.raises(Killed):
        deployed.up(changed)
    deployed.rewind()
    steps = deployed.plan(another).steps
    lines = str(deployed.plan(another)).splitlines()
    first = lines.index("- stop backend (slot a) (the new release needs its place)")

    assert first < lines.index("+ start backend (slot a) (its configuration changed)")
    assert {step.drain for step in steps if isinstance(step, StopSlot)} == {600}
    cut = deployed.plan(another, options=UpOptions(cut=True))
    assert {step.drain for step in cut.steps if isinstance(step, StopSlot)} == {0}
