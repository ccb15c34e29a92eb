from __future__ import annotations

import pytest

from llmchat_deploy.errors import DockerUnavailable
from tests.cli.conftest import API_KEY, SECRET_KEY, FakeWorld, Run


def test_every_problem_of_a_configuration_is_listed_with_place_key_and_hint(run: Run, world: FakeWorld) -> None:
    (world.folder / ".env.production").write_text(
        f"SERVER_IP=not an address\nLLM_API_URL=ftp://x\nLLM_MODEL=m\nLLM_API_KEY={API_KEY}\nSECRET_KEY=short\n"
    )
    ran = run("config", "validate")
    assert ran.code == 3
    assert ran.out == ""
    for key, line in (("SERVER_IP", 1), ("LLM_API_URL", 2), ("SECRET_KEY", 5)):
        assert f"{key}  .env.production:{line}" in ran.err
    assert ran.err.count("→ ") >= 3
    assert "short" not in ran.err.replace("too short", "").replace("shorter", "")


def test_the_problems_are_in_the_json_too(run: Run, world: FakeWorld) -> None:
    (world.folder / ".env.production").write_text("SERVER_IP=1.2.3.4\n")
    error = run("config", "validate", "--json").document["errors"][0]
    assert error["code"] == "invalid_config"
    assert {problem["key"] for problem in error["problems"]} >= {"LLM_API_URL", "LLM_MODEL", "SECRET_KEY"}
    assert set(error["problems"][0]) == {"source", "key", "message", "hint"}


def test_an_unknown_environment_names_the_nearest(run: Run) -> None:
    ran = run("config", "show", "--env", "prodution")
    assert ran.code == 3
    assert "Hint: Did you mean --env production?" in ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ups",), "Did you mean 'up'?"),
        (("up", "--plann"), "No such option: --plann"),
        (("logs", "--tail", "many"), "--tail"),
        (("config", "render"), "--out"),
        (("admin", "create"), "--username"),
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_2_in_text_and_json(run: Run, arguments: tuple[str, ...], said: str) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    assert said in ran.err
    assert "--help" in ran.err
    assert ran.out == ""
    ran = run(*arguments, "--json")
    assert ran.document["exit_code"] == ran.code == 2
    assert ran.document["errors"][0]["code"] == "usage"


def test_json_without_a_command_is_a_usage_error(run: Run) -> None:
    assert run("--json").document["errors"][0]["message"] == "Missing command."


def test_no_docker_is_a_prerequisite(run: Run, world: FakeWorld) -> None:
    world.engine_fails = DockerUnavailable("No Docker engine answers.", hint="Start it.")
    ran = run("status")
    assert ran.code == 4
    assert ran.err == "Error: No Docker engine answers.\nHint: Start it.\n"


def test_a_bug_shows_a_traceback_without_secrets(run: Run, world: FakeWorld) -> None:
    world.engine_fails = RuntimeError(f"unexpected {SECRET_KEY}")
    ran = run("status")
    assert ran.code == 1
    assert "Traceback" in ran.err
    assert "This is a bug in llmchat-deploy: RuntimeError: unexpected ***" in ran.err
    assert run("status", "--json").document["errors"][0]["code"] == "bug"


def test_ctrl_c_says_how_to_go_on(run: Run, world: FakeWorld) -> None:
    world.engine_fails = KeyboardInterrupt()
    ran = run("up")
    assert ran.code == 130
    assert "Run the same command again to go on." in ran.err
    assert run("up", "--json").document["exit_code"] == 130


def test_ctrl_c_tells_what_was_taken_back(run: Run, world: FakeWorld) -> None:
    world.engine_fails = KeyboardInterrupt("The release before serves again.")
    ran = run("up")
    assert "The release before serves again. Run the same command again to go on." in " ".join(ran.err.split())
