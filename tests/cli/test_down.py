from __future__ import annotations

import pytest

from tests.cli.conftest import FakeWorld, Run

DATA = "llmchat-production_backend-db"


def test_down_stops_everything_and_keeps_the_data(deployed: Run, world: FakeWorld) -> None:
    ran = deployed("down")
    assert ran.code == 0
    assert "production is down." in ran.out
    assert DATA in ran.out
    assert world.engine_.boxes == {}
    assert DATA in world.engine_.volume_projects


def test_down_twice_is_fine(deployed: Run) -> None:
    deployed("down")
    ran = deployed("down")
    assert ran.code == 0
    assert "Error" not in ran.err


@pytest.mark.parametrize("more", [(), ("--yes",)])
def test_volumes_are_not_lost_without_a_person(deployed: Run, world: FakeWorld, more: tuple[str, ...]) -> None:
    ran = deployed("down", "--volumes", *more)
    assert ran.code == 6
    assert "accounts, conversations and attachments" in ran.err
    assert "Hint: Add --confirm production to lose it." in ran.err
    assert DATA in world.engine_.volume_projects
    assert world.engine_.boxes


def test_the_refusal_has_its_own_code_in_json(deployed: Run) -> None:
    ran = deployed("down", "--volumes", "--json")
    assert ran.document["errors"][0]["code"] == "not_interactive"
    assert ran.document["exit_code"] == ran.code == 6


def test_another_name_confirms_nothing(deployed: Run, world: FakeWorld) -> None:
    ran = deployed("down", "--volumes", "--confirm", "staging")
    assert ran.code == 6
    assert "--confirm says 'staging'" in ran.err
    assert DATA in world.engine_.volume_projects


def test_the_lock_tells_that_the_data_goes(deployed: Run, world: FakeWorld) -> None:
    host = world.host("llmchat-production")
    assert deployed("down", "--volumes", "--confirm", "production").code == 0
    assert host.reasons[-1] == "down --volumes"


def test_the_name_confirms(deployed: Run, world: FakeWorld) -> None:
    assert deployed("down", "--volumes", "--confirm", "production").code == 0
    assert world.engine_.volume_projects == {}


def test_at_a_terminal_the_name_is_typed(deployed: Run, world: FakeWorld) -> None:
    world.interactive, world.answers = True, ["production"]
    ran = deployed("down", "--volumes")
    assert ran.code == 0
    assert "This would be lost for good:" in ran.err
    assert world.engine_.volume_projects == {}


@pytest.mark.parametrize("answer", ["yes", "prod", "", EOFError()])
def test_anything_else_typed_cancels(deployed: Run, world: FakeWorld, answer: str | EOFError) -> None:
    world.interactive, world.answers = True, [answer]
    ran = deployed("down", "--volumes")
    assert ran.code == 6
    assert "Cancelled. Nothing was changed." in ran.err
    assert DATA in world.engine_.volume_projects
