"""With an invalid configuration, what runs can be looked at, restarted and stopped, as people know it of Compose."""

from __future__ import annotations

import pytest

from tests.cli.conftest import API_KEY, PRODUCTION, SECRET_KEY, FakeWorld, Run

DATA = "llmchat-production_backend-db"
BROKEN = {
    "a wrong address": PRODUCTION.replace("192.168.1.100", "not an address"),
    "an unknown variable": f"{PRODUCTION}LLM_API_KEYS=x\n",
    "a line that can't be read": f"{PRODUCTION}'open quote\n",
    "missing values": f"SECRET_KEY={SECRET_KEY}\n",
    "a wrong list of models": f'{PRODUCTION}PRESET_MODELS=\'{{"glm": {{"key": "{API_KEY}"}}}}\'\n',
}
COMMANDS = [("status",), ("logs",), ("restart", "backend"), ("down",)]


@pytest.fixture(params=BROKEN)
def broken(request: pytest.FixtureRequest, deployed: Run, world: FakeWorld) -> Run:
    (world.folder / ".env.production").write_text(BROKEN[request.param], encoding="utf-8")
    return deployed


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_command_works_and_warns(broken: Run, command: tuple[str, ...]) -> None:
    ran = broken(*command, "--env", "production")
    assert ran.code == 0
    assert "Warning: The configuration of environment 'production' has " in ran.err
    assert ".env.production" in ran.err
    document = broken(*command, "--env", "production", "--json").document
    assert len(document["warnings"]) >= 2 or command == ("logs",)


@pytest.mark.parametrize("command", [("up", "--yes"), ("plan",)], ids=" ".join)
def test_what_needs_the_configuration_is_refused_as_before(broken: Run, command: tuple[str, ...]) -> None:
    assert broken(*command, "--env", "production").code == 3


def test_down_stops_everything_and_keeps_the_data(broken: Run, world: FakeWorld) -> None:
    assert broken("down", "--env", "production").code == 0
    assert world.engine_.boxes == {}
    assert DATA in world.engine_.volume_projects


def test_status_compares_with_nothing_and_says_so(broken: Run) -> None:
    data = broken("status", "--env", "production", "--json").document["data"]
    assert data["state"] == "up"
    assert data["wanted"] is None
    assert data["urls"]["web"] == "http://192.168.1.100:3000", "as it was deployed"
    assert {service["up_to_date"] for service in data["services"]} == {None}
    assert "out of date" not in broken("status", "--env", "production").out


def test_logs_mask_the_keys_of_a_broken_file(broken: Run, world: FakeWorld) -> None:
    world.engine_.log_text["llmchat-production-edge"] = f"the key is {SECRET_KEY}\n"
    assert "the key is ***" in broken("logs", "--env", "production").out


def test_a_profile_that_is_no_toml_stops_nobody(deployed: Run, world: FakeWorld) -> None:
    profile = world.folder / "environments" / "production.toml"
    profile.parent.mkdir()
    profile.write_text("[server\n", encoding="utf-8")
    assert deployed("down", "--env", "production").code == 0
    assert world.engine_.boxes == {}


def test_an_environment_whose_profile_is_gone_can_be_taken_down(run: Run, world: FakeWorld) -> None:
    profile = world.folder / "environments" / "trial.toml"
    profile.parent.mkdir()
    profile.write_text(
        'generate_secrets = true\n[server]\nbind = "127.0.0.1"\n[models]\nbundled = true\n', encoding="utf-8"
    )
    assert run("up", "--env", "trial").code == 0
    profile.unlink()
    ran = run("down", "--env", "trial")
    assert ran.code == 0
    assert "There is no environment 'trial'" in ran.err
    assert world.engine_.boxes == {}


@pytest.mark.parametrize("name", ["prodution", "../production", "base"])
def test_a_name_that_nothing_has_is_no_environment(deployed: Run, name: str) -> None:
    ran = deployed("down", "--env", name)
    assert ran.code == 3
    assert "There is no environment" in ran.err
