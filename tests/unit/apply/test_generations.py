"""Which volume holds the data: the record survives every cut, and nobody guesses where it is gone."""

from __future__ import annotations

import pytest

from llmchat_deploy.apply.generations import forget, read_generations, refuse_unknown_generation, stage, use
from llmchat_deploy.errors import GenerationUnknown, HostError
from llmchat_deploy.plan.observed import Generations, Volume
from llmchat_deploy.plan.steps import StageGeneration, UseGeneration
from tests.fakes import FakeHost

ID = "20261125-101500-0007"


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


def test_without_a_record_it_is_the_first_generation(host):
    assert read_generations(host) == Generations(current=1, known=False)


def test_a_restore_stages_uses_and_keeps_the_one_before(host):
    stage(StageGeneration(generation=2, cause="a restore"), host)
    assert read_generations(host) == Generations(current=1, staging=2, known=True)

    use(UseGeneration(generation=2, source=ID, replaces=True, cause="proved"), host)

    found = read_generations(host)
    assert (found.current, found.staging) == (2, None)
    assert [(item.number, item.source) for item in found.previous] == [(1, ID)]


def test_using_a_generation_twice_keeps_the_record_as_it_is(host):
    step = UseGeneration(generation=2, source=ID, replaces=True, cause="proved")
    use(step, host)
    once = read_generations(host)

    use(step, host)

    assert read_generations(host) == once


def test_an_undo_swaps_them(host):
    use(UseGeneration(generation=2, source=ID, replaces=True, cause="proved"), host)

    use(UseGeneration(generation=1, source="undo", replaces=True, cause="asked for"), host)

    found = read_generations(host)
    assert (found.current, [item.number for item in found.previous]) == (1, [2])


def test_a_generation_that_failed_is_not_kept(host):
    use(UseGeneration(generation=2, source=ID, replaces=True, cause="proved"), host)

    use(UseGeneration(generation=1, source="failed", cause="it didn't start"), host)

    assert read_generations(host).previous == ()


def test_a_forgotten_generation_is_neither_staged_nor_previous(host):
    use(UseGeneration(generation=2, source=ID, replaces=True, cause="proved"), host)
    stage(StageGeneration(generation=3, cause="a restore"), host)

    forget(host, 1)
    forget(host, 3)

    assert read_generations(host) == Generations(current=2, known=True)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"current": "x"}', '{"current": 2, "staging": null, "previous": [1]}']
)
def test_a_damaged_record_is_named_and_not_taken_for_none(host, text):
    host.state["data.json"] = text

    with pytest.raises(HostError) as refusal:
        read_generations(host)

    assert "/state/data.json" in refusal.value.message


def test_restored_data_without_a_record_is_refused(host):
    volumes = (Volume("llmchat-test_backend-db", "data"), Volume("llmchat-test_backend-db-g2", "data"))

    with pytest.raises(GenerationUnknown) as refusal:
        refuse_unknown_generation("llmchat-test", read_generations(host), volumes)

    assert "llmchat-test_backend-db-g2" in refusal.value.message
    refuse_unknown_generation("llmchat-test", read_generations(host), volumes[:1])
    refuse_unknown_generation("llmchat-test", Generations(current=2, known=True), volumes)
