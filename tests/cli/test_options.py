from __future__ import annotations

import fcntl
import os
import struct
import sys
import termios
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from llmchat_deploy.cli.context import ThisMachine
from tests.cli.conftest import FakeWorld, Run

POSITIONS = [
    ("--env", "development", "config", "show"),
    ("config", "--env", "development", "show"),
    ("config", "show", "--env", "development"),
    ("config", "show", "-e", "development"),
    ("-e", "production", "config", "show", "-e", "development"),
]


@pytest.mark.parametrize("arguments", POSITIONS, ids=" ".join)
def test_global_options_stand_before_and_after_the_command(run: Run, arguments: tuple[str, ...]) -> None:
    ran = run(*arguments)
    assert ran.code == 0
    assert "llmchat-development" in ran.out


@pytest.mark.parametrize("arguments", [("--json", "config", "show"), ("config", "show", "--json")], ids=" ".join)
def test_json_stands_before_and_after_the_command(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).document["status"] == "success"


def test_settings_given_at_several_places_add_up(run: Run) -> None:
    ran = run("--set", "server.web_port=3111", "config", "show", "--set", "server.api_port=8111", "--json")
    rows = {row["key"]: row for row in ran.document["data"]["rows"]}
    assert rows["server.web_port"]["value"] == "3111"
    assert rows["server.api_port"]["value"] == "8111"
    assert rows["server.api_port"]["source"] == "--set"


def test_the_only_environment_in_use_needs_no_name(run: Run) -> None:
    assert "llmchat-production" in run("config", "show").out


@pytest.mark.parametrize("arguments", [("--env", "", "down"), ("down", "--env", " "), ("down", "--env=", "--json")])
def test_a_name_that_is_empty_stands_for_no_environment(
    deployed: Run, world: FakeWorld, arguments: tuple[str, ...]
) -> None:
    before = len(world.writes)
    ran = deployed(*arguments)
    assert ran.code == 2
    assert "--env: It is empty." in ran.out + ran.err
    assert len(world.writes) == before


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("=x", "It names no setting. Write KEY=VALUE, such as server.address=192.168.1.100."),
        ("", "It names no setting."),
        ("server.web_prt", "'server.web_prt' has no '='. Write KEY=VALUE, such as server.web_port=VALUE."),
        ("api_port", "such as server.api_port=VALUE."),
        ("8080", "'8080' has no '='. Write KEY=VALUE, such as server.address=192.168.1.100."),
    ],
)
@pytest.mark.parametrize("command", ["up", "init"])
def test_half_a_setting_is_a_usage_error(run: Run, world: FakeWorld, command: str, option: str, says: str) -> None:
    ran = run(command, "--env", "production", "--set", option, "--yes")
    assert ran.code == 2
    assert "--set: " in ran.err
    assert says in ran.err
    assert world.writes == []


def test_several_environments_need_a_name(run: Run, world: FakeWorld) -> None:
    (world.folder / ".env.staging").write_text("")
    ran = run("config", "show")
    assert ran.code == 2
    assert "production, staging" in ran.err
    assert "--env" in ran.err


def test_at_a_terminal_the_name_is_asked_for(run: Run, world: FakeWorld) -> None:
    (world.folder / ".env.staging").write_text("")
    world.interactive, world.answers = True, ["prod", "production"]
    ran = run("config", "show")
    assert ran.code == 0
    assert "llmchat-production" in ran.out
    assert len(world.questions) == 2


def test_nobody_who_answers_is_a_usage_error(run: Run, world: FakeWorld) -> None:
    (world.folder / ".env.staging").write_text("")
    world.interactive, world.answers = True, [EOFError()]
    assert run("config", "show").code == 2


def test_no_question_is_asked_for_json(run: Run, world: FakeWorld) -> None:
    (world.folder / ".env.staging").write_text("")
    world.interactive = True
    ran = run("config", "show", "--json")
    assert ran.document["errors"][0]["code"] == "environment_not_chosen"
    assert world.questions == []


def test_the_version(run: Run) -> None:
    assert run("--version").out == "llmchat-deploy 0.1.0\n"


@pytest.mark.parametrize("command", ["up", "update", "restore", "rollback", "migrate-ip"])
def test_asking_for_the_plan_s_exit_code_never_deploys(run: Run, world: FakeWorld, command: str) -> None:
    ran = run(command, "--exit-code", "--env", "production", "--yes")
    assert ran.code == 2
    assert "--exit-code goes with --plan" in ran.err
    assert world.writes == []


@pytest.mark.parametrize("end", [KeyboardInterrupt, lambda: ""], ids=["ctrl-c", "ctrl-d"])
def test_what_follows_a_question_without_an_answer_begins_on_its_own_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], end: Callable[[], object]
) -> None:
    def readline() -> str:
        answer = end()
        if isinstance(answer, BaseException):
            raise answer
        return str(answer)

    monkeypatch.setattr(sys, "stdin", SimpleNamespace(readline=readline))
    with pytest.raises((KeyboardInterrupt, EOFError)):
        ThisMachine().ask("Go on? [y/N] ")
    assert capsys.readouterr().err == "Go on? [y/N] \n"


def test_a_question_breaks_between_words_in_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
    with open(theirs, "w", encoding="utf-8") as stderr:  # noqa: PTH123 - a descriptor has no path
        monkeypatch.setattr(sys, "stderr", stderr)
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(readline=lambda: "n\n"))
        assert ThisMachine().ask("Other data takes the place of what production uses now. Go on? [y/N] ") == "n"
        shown = os.read(ours, 1000).decode().splitlines()
    os.close(ours)
    assert shown == ["Other data takes the place of what", "production uses now. Go on? [y/N] "]
