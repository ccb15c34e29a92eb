"""Commands that only look: status, health, logs."""

from __future__ import annotations

from tests.cli.conftest import FakeWorld, Run


def test_status_of_what_runs(deployed: Run) -> None:
    ran = deployed("status")
    assert ran.code == 0
    assert ran.out.startswith("production is up: release ")
    assert "backend (slot a, serving)    healthy" in ran.out
    assert "http://192.168.1.100:3000" in ran.out


def test_status_before_anything_runs(run: Run) -> None:
    ran = run("status")
    assert ran.code == 0
    assert ran.out.startswith("production is down: never deployed")


def test_status_says_when_the_files_describe_another_release(deployed: Run, world: FakeWorld) -> None:
    world.templates_.sources["frontend"] = "1" * 64
    ran = deployed("status")
    assert "out of date" in ran.out
    assert "llmchat-deploy plan --env production" in ran.out


def test_health_of_what_runs(deployed: Run) -> None:
    ran = deployed("health")
    assert ran.code == 0
    assert "✓ backend" in ran.out
    assert "production is well." in ran.out


def test_health_of_nothing_is_9_with_what_to_do(run: Run) -> None:
    ran = run("health")
    assert ran.code == 9
    assert "✗ backend" in ran.out
    assert "→ llmchat-deploy up --env production" in ran.out


def test_logs_carry_their_service(deployed: Run, world: FakeWorld) -> None:
    world.engine_.log_text["llmchat-production-backend-a"] = "one\ntwo [not markup]\nthree\n"
    ran = deployed("logs", "backend", "--tail", "2")
    assert ran.out == "backend-a  | two [not markup]\nbackend-a  | three\n"


def test_logs_of_an_unknown_service_name_the_nearest(deployed: Run) -> None:
    ran = deployed("logs", "backnd")
    assert ran.code == 6
    assert "Did you mean 'backend'?" in ran.err


def test_logs_in_json_are_one_document(deployed: Run, world: FakeWorld) -> None:
    world.engine_.log_text["llmchat-production-edge"] = "hello\n"
    lines = deployed("logs", "edge", "--json").document["data"]["lines"]
    assert lines == [{"service": "edge", "text": "hello"}]


def test_following_and_json_exclude_each_other(deployed: Run) -> None:
    assert deployed("logs", "-f", "--json").code == 2
