"""Disks that are full, an engine that dies in the middle, registries and mirrors that don't answer."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from tests.e2e import facts
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Scenario
from tests.faults.conftest import small_disk
from tests.faults.daemon import Daemon

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

PREREQUISITE, STEP_FAILED = 4, 8
CLOSED = "http://127.0.0.1:9"
"""The discard port: nobody listens there."""


def with_model(scenario: Scenario, server: ModelServer) -> Scenario:
    return scenario.profile().env_file(LLM_API_URL=server.url, LLM_MODEL="test", LLM_API_KEY="")


def on(scenario: Scenario, daemon: Daemon) -> None:
    """Let the scenario use that engine and its network."""
    scenario.variables |= daemon.variables
    scenario.prefix = daemon.prefix


def test_a_full_state_folder_is_named_before_docker_is_touched(scenario: Scenario, model_server: ModelServer) -> None:
    with_model(scenario, model_server)
    with small_disk(scenario.state, size="64k") as disk:
        (disk / "filler").write_bytes(b"x" * shutil.disk_usage(disk).free)
        failed = scenario.run("up", "--json").check(PREREQUISITE)
        (error,) = failed.json["errors"]
        assert error["code"] == "disk_full"
        assert str(scenario.state) in error["message"]
        assert facts.everything(scenario.project) == set()
        (disk / "filler").unlink()
        scenario.up()
    assert scenario.chat.status("/health/ready") == 200


def test_where_neither_a_registry_nor_a_mirror_answers_it_says_what_to_set(
    scenario: Scenario, own_daemon: Daemon
) -> None:
    scenario.profile(f'[build]\napt_mirror = "{CLOSED}/debian"\n', bundled=True)
    on(scenario, own_daemon)
    failed = scenario.run("up", "--json").check(STEP_FAILED)
    (error,) = failed.json["errors"]
    assert "base image" in error["message"]
    assert "build.apt_mirror" in error["hint"]
    assert "build.registry_prefix" in error["hint"]
    assert any(CLOSED in line for line in error["details"])
    assert own_daemon.docker("image", "ls", "--quiet").stdout == ""
    assert own_daemon.docker("volume", "ls", "--quiet").stdout == ""


def test_an_engine_without_room_for_the_images_is_refused_before_building(
    scenario: Scenario, own_daemon: Daemon
) -> None:
    own_daemon.stop()
    with small_disk(own_daemon.data, size="200m"):
        own_daemon.start()
        scenario.profile(bundled=True)
        on(scenario, own_daemon)
        failed = scenario.run("up", "--json").check(PREREQUISITE)
        own_daemon.stop()
    (error,) = failed.json["errors"]
    assert error["code"] == "disk_full"
    assert "0.2 GB are free" in error["message"]
    assert "docker system df" in error["hint"]


def images_of(scenario: Scenario) -> list[str]:
    """Return the images of a scenario's release, by the tags in its rendered files."""
    out = scenario.folder / "rendered"
    scenario.run("config", "render", "--out", str(out)).check()
    lines = [line.strip() for file in out.glob("*.compose.yaml") for line in file.read_text().splitlines()]
    return [line.removeprefix("image:").strip().strip('"') for line in lines if line.startswith("image:")]


@pytest.mark.parametrize("moment", ["migrate the database", pytest.param("wait for frontend", marks=pytest.mark.full)])
def test_an_engine_that_dies_in_the_middle_is_named_and_up_goes_on_once_it_is_back(
    scenario: Scenario, own_daemon: Daemon, model_server: ModelServer, built: None, moment: str
) -> None:
    with_model(scenario, model_server)  # out of reach from that network: a warning, no more
    own_daemon.copy_images(*images_of(scenario))
    on(scenario, own_daemon)

    titles = [step["title"] for step in scenario.run("plan", "--json").check().data["steps"]]
    (index,) = [index for index, title in enumerate(titles) if title.startswith(moment)]
    process = scenario.start("up", "--yes")
    assert process.stderr is not None
    for line in process.stderr:
        if line.replace("[ ", "[").startswith(f"[{index}/") and "so far" not in line:
            break
    time.sleep(0.2)
    own_daemon.kill()
    _, said = process.communicate(timeout=120)
    assert process.returncode in (PREREQUISITE, STEP_FAILED), said
    assert "run" in said
    assert "again" in said
    assert "This is a bug" not in said

    own_daemon.start()
    scenario.up()
    assert scenario.run("up").check().stdout.startswith("Nothing to do")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, model_server: ModelServer) -> None:
    """See to it that the machine's own engine has the images."""
    with Scenario(tmp_path_factory.mktemp("built"), label="built") as scenario:
        with_model(scenario, model_server).up()


def test_nothing_of_these_tests_is_mounted_any_more() -> None:
    assert "/lc-" not in Path("/proc/mounts").read_text()
