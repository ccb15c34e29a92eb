"""``releases`` and ``audit`` as they are typed."""

from __future__ import annotations

from tests.cli.conftest import FakeWorld, Run


def test_before_the_first_deploy(run: Run) -> None:
    assert "No release of production is known yet." in run("releases", "--env", "production").out
    assert "Nothing was changed in production yet." in run("audit", "--env", "production").out


def test_the_release_that_runs_is_marked(deployed: Run) -> None:
    out = deployed("releases", "--env", "production").out

    assert "(runs)" in out
    assert "operator" in out
    assert "finished" in out


def test_releases_as_json(deployed: Run) -> None:
    data = deployed("releases", "--env", "production", "--json").document["data"]

    assert data["runs"][0]["release"] == data["current"]
    assert data["runs"][0]["images"]["backend"]["tag"].startswith("llmchat/backend:")


def test_the_audit_tells_a_failed_run_with_its_code(world: FakeWorld, deployed: Run) -> None:
    world.templates_.sources["backend"] = "1" * 64
    world.engine_.unhealthy.add("backend")
    assert deployed("up", "--env", "production", "--yes").code == 9

    out = deployed("audit", "--env", "production", "--last", "1").out
    assert "failed (unhealthy, exit 9)" in out
    assert out.count("operator on chat-server") == 1
