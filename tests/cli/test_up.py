from __future__ import annotations

from pathlib import Path

import pytest

from llmchat_deploy.errors import HostError
from llmchat_deploy.host.base import CommandResult, LockHolder
from tests.cli.conftest import API_KEY, FakeWorld, Run

PASSWORD = "made-up-password-1"


def test_a_first_up_shows_the_plan_the_addresses_and_the_password_once(run: Run) -> None:
    ran = run("up")
    assert ran.code == 0
    assert "+ start backend (slot a)  (not there yet)" in ran.out
    assert "expected downtime: none." in ran.out
    assert "http://192.168.1.100:3000" in ran.out
    assert "http://192.168.1.100:8000/docs" in ran.out
    assert (ran.out + ran.err).count(PASSWORD) == 1
    assert "change it at the first log-in" in ran.out


def test_progress_goes_to_standard_error_as_plain_lines(run: Run) -> None:
    ran = run("up")
    assert "[ 1/" in ran.err
    assert "] start backend (slot a) … 0.0 s" in ran.err
    assert "\x1b" not in ran.out + ran.err


def test_a_second_up_has_nothing_to_do(deployed: Run, world: FakeWorld) -> None:
    writes = len(world.writes)
    ran = deployed("up")
    assert ran.code == 0
    assert ran.out.startswith("Nothing to do: production runs release ")
    assert len(ran.out.splitlines()) == 1
    assert len(world.writes) == writes


@pytest.mark.parametrize("command", [("plan",), ("up", "--plan")])
def test_a_plan_changes_nothing(run: Run, world: FakeWorld, command: tuple[str, ...]) -> None:
    ran = run(*command)
    assert ran.code == 0
    assert "to create" in ran.out
    assert world.writes == []
    assert not world.host("llmchat-production").commands


@pytest.mark.parametrize("command", [("plan",), ("up", "--plan")])
def test_exit_code_tells_whether_there_is_something_to_do(run: Run, command: tuple[str, ...]) -> None:
    assert run(*command, "--exit-code").code == 10
    assert run("up").code == 0
    assert run(*command, "--exit-code").code == 0


def test_json_never_holds_the_password_but_names_a_file_that_does(run: Run, world: FakeWorld) -> None:
    ran = run("up", "--json")
    assert ran.code == 0
    data = ran.document["data"]
    assert data["changed"] is True
    assert data["admin"] == {"username": "admin", "password": "***"}
    assert PASSWORD not in ran.out + ran.err
    host = world.host("llmchat-production")
    name = Path(data["password_file"]).name
    assert host.state[name] == f"{PASSWORD}\n"
    assert host.modes[name] == 0o600


def test_json_of_a_second_up_says_that_nothing_changed(deployed: Run) -> None:
    data = deployed("up", "--json").document["data"]
    assert data["changed"] is False
    assert "password_file" not in data


def test_an_unreachable_model_is_a_warning(run: Run, world: FakeWorld) -> None:
    world.engine_.model_answers = False
    ran = run("up")
    assert ran.code == 0
    assert "Warning: model_unreachable" in ran.err


def test_an_unreachable_model_fails_where_it_is_required(run: Run, world: FakeWorld) -> None:
    world.engine_.model_answers = False
    ran = run("up", "--require-model")
    assert ran.code == 9
    assert "Error: " in ran.err
    assert "Hint: Start it." in ran.err


def test_a_failing_build_shows_its_last_lines_masked(run: Run, world: FakeWorld) -> None:
    line = f"E: can't reach http://user:{API_KEY}@mirror\n"
    world.host("llmchat-production").failing["docker build"] = CommandResult(100, line, "")
    ran = run("up")
    assert ran.code == 8
    assert "  E: can't reach http://user:***@mirror" in ran.err
    assert "Error: The image llmchat/edge" in ran.err
    assert "failed after" in ran.err


def test_at_a_terminal_a_change_of_what_runs_is_asked_about(deployed: Run, world: FakeWorld) -> None:
    world.interactive, world.answers = True, ["n"]
    world.templates_.sources["backend"] = "1" * 64
    writes = len(world.writes)
    ran = deployed("up")
    assert ran.code == 6
    assert world.questions == ["This changes what runs in production. Go on? [y/N] "]
    assert "Cancelled. Nothing was changed." in ran.err
    assert len(world.writes) == writes


@pytest.mark.parametrize("answer", ["y", "yes", "Y"])
def test_a_yes_goes_on(deployed: Run, world: FakeWorld, answer: str) -> None:
    world.interactive, world.answers = True, [answer]
    world.templates_.sources["backend"] = "1" * 64
    assert deployed("up").code == 0
    assert "runs release" in deployed("up").out


def test_yes_given_beforehand_spares_the_question(deployed: Run, world: FakeWorld) -> None:
    world.interactive = True
    world.templates_.sources["backend"] = "1" * 64
    assert deployed("up", "--yes").code == 0
    assert world.questions == []


def test_without_a_terminal_a_safe_change_goes_on(deployed: Run, world: FakeWorld) -> None:
    world.templates_.sources["backend"] = "1" * 64
    assert deployed("up").code == 0


def test_a_first_deploy_asks_nothing(run: Run, world: FakeWorld) -> None:
    world.interactive = True
    assert run("up").code == 0
    assert world.questions == []


def test_a_held_lock_is_7(run: Run, world: FakeWorld) -> None:
    world.host("llmchat-production").held_by = LockHolder("li", "srv", 7, "2026-01-01T00:00:00Z", "up")
    ran = run("up")
    assert ran.code == 7
    assert "li holds the lock" in ran.err


def test_a_failing_step_keeps_its_own_exit_code(run: Run, world: FakeWorld) -> None:
    world.engine_.tape.fail["create network"] = HostError("The disk is gone.", hint="Look for it.")
    ran = run("up")
    assert ran.code == 5
    assert "Error: The disk is gone.\nHint: Look for it.\n" in ran.err


def test_data_of_others_is_not_used_unasked(run: Run, world: FakeWorld) -> None:
    world.engine_.volume_projects["llmchat-production_backend-db"] = ("", "")

    ran = run("up")
    assert ran.code == 6
    assert "Data is there that this tool didn't make (llmchat-production_backend-db)" in ran.err
    assert world.engine_.boxes == {}

    world.interactive, world.answers = True, ["n"]
    assert run("up").code == 6
    world.answers = ["y"]
    assert run("up").code == 0
    assert run("up").code == 0  # not asked twice: there is no second answer


def test_data_of_others_is_used_with_yes(run: Run, world: FakeWorld) -> None:
    world.engine_.volume_projects["llmchat-production_backend-db"] = ("", "")
    ran = run("up", "--yes")
    assert ran.code == 0
    assert "though this tool didn't make it" in ran.err
