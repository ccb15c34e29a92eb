"""``restart``: what it says, and when it asks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cli.conftest import FakeWorld, Run

EDGE = "llmchat-production-edge"
BUNDLED = "[models]\nbundled = true\n"


def test_restart_names_what_it_restarted(deployed: Run, world: FakeWorld) -> None:
    ran = deployed("restart", "backend")
    assert ran.code == 0
    assert ran.out == "Restarted llmchat-production-backend-b.\n"
    assert "restart llmchat-production-backend-a" not in world.writes


def test_the_lock_tells_what_is_restarted(deployed: Run, world: FakeWorld) -> None:
    host = world.host("llmchat-production")
    host.reasons.clear()
    assert deployed("restart", "backend").code == 0
    assert host.reasons[0] == "restart backend"


def test_everything_is_restarted_and_the_edge_loads_its_files_anew(deployed: Run) -> None:
    ran = deployed("restart")
    assert "Restarted llmchat-production-backend-b, llmchat-production-frontend-b.\n" in ran.out
    assert "The edge has a new worker; who was connected stays so." in ran.out


def test_the_document_says_which_slots_serve(deployed: Run) -> None:
    assert deployed("restart", "--json").document["data"] == {
        "environment": "production",
        "services": ["llmchat-production-backend-b", "llmchat-production-frontend-b"],
        "slots": {"backend": "b", "frontend": "b"},
        "reloaded": True,
        "draining": [],
    }


@pytest.mark.parametrize("line", ["restart", "restart backend", "restart frontend --cut", "restart edge --yes"])
def test_what_nobody_notices_is_not_asked_about(deployed: Run, world: FakeWorld, line: str) -> None:
    world.interactive = True
    assert deployed(*line.split()).code == 0
    assert world.questions == []


def test_the_edge_in_place_is_asked_about_with_how_long_it_is_away(deployed: Run, world: FakeWorld) -> None:
    world.interactive, world.answers = True, ["n"]
    writes = len(world.writes)
    assert deployed("restart", "edge").code == 6
    assert len(world.writes) == writes
    (question,) = world.questions
    assert question.startswith("This restarts edge of production in place: page and API are closed for up to 6 s and")
    world.answers = ["y"]
    assert deployed("restart", "edge").code == 0
    assert f"restart {EDGE}" in world.writes


def test_an_edge_that_is_unhealthy_is_asked_about_and_one_that_is_stopped_not(deployed: Run, world: FakeWorld) -> None:
    world.engine_.boxes[EDGE] = replace(world.engine_.boxes[EDGE], health="unhealthy")
    world.interactive, world.answers = True, ["n"]
    assert deployed("restart").code == 6
    world.engine_.boxes[EDGE] = replace(world.engine_.boxes[EDGE], state="exited", health="")
    assert deployed("restart").code == 0
    assert len(world.questions) == 1


def test_the_bundled_model_in_place_is_asked_about(run: Run, world: FakeWorld) -> None:
    profile = world.folder / "environments" / "trial.toml"
    profile.parent.mkdir()
    text = f'generate_secrets = true\n[server]\nbind = "127.0.0.1"\nweb_port = 3100\napi_port = 8100\n{BUNDLED}'
    profile.write_text(text, encoding="utf-8")
    assert run("up", "--env", "trial").code == 0
    world.interactive, world.answers = True, ["n", "n"]
    for line in ("restart", "restart model"):
        assert run(*line.split(), "--env", "trial").code == 6
    effect = "This restarts model of trial in place: answers that the bundled model is writing end. Go on? [y/N] "
    assert world.questions == [effect, effect]
    assert run("restart", "backend", "--env", "trial").code == 0


def test_a_backend_in_place_is_asked_about_and_warned_of(deployed: Run, world: FakeWorld) -> None:
    host = world.host("llmchat-production")
    for name in [name for name in host.state if name.startswith("releases/")]:
        del host.state[name]
    world.interactive, world.answers = True, ["y"]
    ran = deployed("restart", "backend")
    assert ran.code == 0
    assert "the API is closed until it is back and answers that don't end within 30 s are cut" in world.questions[0]
    assert "Warning: The backend was restarted in place, which its users can notice: the release that runs" in ran.err
    assert "Restarted llmchat-production-backend-a." in ran.out


def test_without_a_terminal_a_restart_was_meant(deployed: Run, world: FakeWorld) -> None:
    assert deployed("restart", "edge").code == 0
    assert world.questions == []
