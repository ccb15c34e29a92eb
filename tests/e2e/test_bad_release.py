"""A release that can't be built, or doesn't start, harms nobody: what ran before keeps running."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e import checks, facts
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Scenario

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

STEP_FAILED, UNHEALTHY = 8, 9
PROXY_PASSWORD = "hunter2-hunter2-hunter2"
SLOW = "\nimport time\n\ntime.sleep(120)\n"
CRASH = '\nraise RuntimeError("this release is broken on purpose")\n'


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, model_server: ModelServer) -> Iterator[Scenario]:
    with Scenario(tmp_path_factory.mktemp("bad"), label="bad") as scenario:
        values = {"LLM_API_URL": model_server.url, "LLM_MODEL": "test", "LLM_API_KEY": ""}
        scenario.profile().env_file(**values).up()
        yield scenario


def test_a_release_that_crashes_at_its_start_is_removed_and_the_old_one_serves(environment: Scenario) -> None:
    user = environment.chat.register("unharmed")
    before = facts.identities(environment.project)
    server = environment.own_sources() / "backend/llmchat_backend/server.py"
    working = server.read_text()
    server.write_text(working + CRASH)
    failed = environment.up(exit_code=UNHEALTHY)
    server.write_text(working)

    assert "this release is broken on purpose" in failed.stderr, "its log is not shown"
    assert "doesn't get healthy: it ends again and again (exit status 1)." in failed.stderr
    assert "backend (slot a) goes on serving" in failed.stderr
    assert facts.identities(environment.project) == before
    checks.is_streamed(user.ask("Are you still there?"))


def test_a_release_that_gets_too_slow_to_be_ready_is_removed_and_serves_nobody(environment: Scenario) -> None:
    before = facts.identities(environment.project)
    server = environment.folder / "service/backend/llmchat_backend/server.py"
    working = server.read_text()
    server.write_text(working + SLOW)
    failed = environment.up("--set", "health.start_timeout=6", exit_code=UNHEALTHY)
    server.write_text(working)

    assert "backend (slot a) goes on serving" in failed.stderr
    assert facts.identities(environment.project) == before
    assert environment.chat.status("/health/ready") == 200


def test_after_it_is_mended_nothing_is_left_of_the_failed_release(environment: Scenario) -> None:
    environment.up()
    checks.runs_exactly_once(environment, "backend", "edge", "frontend")


def test_a_build_that_fails_shows_its_last_lines_without_secrets_and_changes_nothing(environment: Scenario) -> None:
    before = facts.identities(environment.project)
    sources = environment.folder / "service"
    dockerfile = (sources if sources.exists() else environment.own_sources()) / "edge/Dockerfile"
    working = dockerfile.read_text()
    broken = working.replace("\nARG APT_MIRROR\n", '\nRUN echo "the proxy is $HTTP_PROXY" && exit 3\nARG APT_MIRROR\n')
    assert broken != working
    dockerfile.write_text(broken)
    env_file = environment.folder / f".env.{environment.name}"
    env_file.write_text(f"{env_file.read_text()}HTTP_PROXY=http://me:{PROXY_PASSWORD}@127.0.0.1:9\nNO_PROXY=*\n")
    failed = environment.up(exit_code=STEP_FAILED)
    dockerfile.write_text(working)

    assert "the proxy is" in failed.stderr
    assert PROXY_PASSWORD not in failed.output
    assert "llmchat/edge" in failed.stderr
    assert facts.identities(environment.project) == before
    assert environment.chat.status("/health/ready") == 200
