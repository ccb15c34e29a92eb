"""Which volume a restore fills, and what it does around it."""

from __future__ import annotations

import pytest

from llmchat_deploy.errors import NothingToUndo, VolumeMissing
from llmchat_deploy.plan.observed import NO_GENERATIONS, Generation, Generations, ObservedState, Volume
from llmchat_deploy.plan.restore import Source, next_generation, restore_steps, undo_generation
from llmchat_deploy.plan.steps import BackUp, FillVolume, RemoveVolume, StageGeneration, UseGeneration
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.places import Places
from llmchat_deploy.render.render import render_release
from tests.unit.world import SHIPPED, an_environment

NAMES = Names("llmchat-test")
FIRST = Volume("llmchat-test_backend-db", "data")
SECOND = Volume("llmchat-test_backend-db-g2", "data")
SOURCE = Source("20261125-101500-0007", "llmchat-test-20261125-101500-0007.tar.zst")
RELEASE = render_release(an_environment(), SHIPPED, Places(generation=2))


def observed(*volumes: Volume, generations: Generations = NO_GENERATIONS) -> ObservedState:
    return ObservedState(volumes=volumes, generations=generations)


def test_an_empty_machine_gets_the_first_generation():
    assert next_generation(NAMES, observed()) == 1


def test_a_volume_that_is_there_or_was_tried_is_never_filled_again():
    assert next_generation(NAMES, observed(FIRST)) == 2
    assert next_generation(NAMES, observed(FIRST, SECOND, generations=Generations(staging=2, known=True))) == 3


def test_the_present_data_is_backed_up_and_the_new_volume_is_used_last():
    steps = restore_steps(RELEASE, observed(FIRST), 2, SOURCE)

    assert [type(step) for step in steps.before] == [BackUp, StageGeneration]
    assert [type(step) for step in steps.after] == [FillVolume, UseGeneration]


def test_what_a_cut_restore_left_goes_first():
    cut = Generations(staging=2, known=True)
    steps = restore_steps(RELEASE, observed(FIRST, SECOND, generations=cut), 3, SOURCE)

    assert [step.name for step in steps.before if isinstance(step, RemoveVolume)] == [SECOND.name]


def test_an_undo_needs_earlier_data():
    with pytest.raises(NothingToUndo):
        undo_generation(NAMES, observed(FIRST))
    earlier = Generations(current=2, previous=(Generation(1, "2026-11-25T10:00:00Z", SOURCE.name),), known=True)
    assert undo_generation(NAMES, observed(FIRST, SECOND, generations=earlier)) == 1
    with pytest.raises(VolumeMissing):
        undo_generation(NAMES, observed(SECOND, generations=earlier))
