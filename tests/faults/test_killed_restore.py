"""Backups and restores that are killed, disturbed or met by others: live data stays, and the next run is clean."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import checks, facts
from tests.e2e.life import Life
from tests.e2e.load import KeepAliveClients
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Ran, Scenario
from tests.faults.cut import index_of, kill_in_step, planned
from tests.unit.archive.place import Place

pytestmark = [pytest.mark.docker, pytest.mark.timeout(3000)]

LOCK_HELD, STEP_FAILED, UNHEALTHY, ARCHIVE_FAILED = 7, 8, 9, 11
SERVICES = ("backend", "edge", "frontend")
RESTORE = ("restore", "--yes")
UP = ("up", "--yes")
"""Of a killed restore either is the way on: the same again, or the service on the data that is current."""


@dataclass
class Kept:
    """An environment with a backup, and what its user had when it was made."""

    scenario: Scenario
    life: Life
    backup: str
    then: dict[str, Any]

    def save_artifacts(self, test: str) -> None:
        self.scenario.save_artifacts(test)

    @property
    def restore(self) -> tuple[str, ...]:
        return ("restore", self.backup, "--yes")

    def goes_on(self) -> dict[str, Any]:
        """Have the user ask once more; return what is there now. What a failed test left running is ended first."""
        self.scenario.kill_started()
        self.life.goes_on("One more?")
        return self.life.seen()

    def is_restored(self) -> None:
        """Fail unless data and machine are as a restore leaves them, whatever was cut before."""
        self.life.is_there(self.then)
        self.is_clean()

    def is_clean(self) -> None:
        """Fail where something is left over that no later run would remove."""
        project, first = self.scenario.project, f"{self.scenario.project}_backend-db"
        checks.runs_exactly_once(self.scenario, *SERVICES)
        assert jobs(project) == []
        assert [path.name for path in self.folder.iterdir() if path.name.startswith(".")] == []
        record = json.loads((self.folder.parent / "data.json").read_text()) if data_volumes(project) != {first} else {}
        assert record.get("staging") is None
        known = {record.get("current", 1), *(item["number"] for item in record.get("previous", []))}
        assert data_volumes(project) == {f"{first}-g{number}" if number > 1 else first for number in known}

    @property
    def folder(self) -> Path:
        return self.scenario.state / self.scenario.project / "backups"


def jobs(project: str) -> list[Any]:
    """Return the containers that work on the project's backups."""
    filters = {"label": "llmchat.helper=true"}
    found = facts.client().containers.list(all=True, filters=filters, ignore_removed=True)
    return [
        item for item in found
        if any(str(mount.get("Name", "")).startswith(f"{project}_") for mount in item.attrs["Mounts"])
    ]  # fmt: skip


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, model_server: ModelServer) -> Iterator[Kept]:
    with Scenario(tmp_path_factory.mktemp("killed-restore"), label="cut") as scenario:
        scenario.profile("[health]\ndrain_timeout = 5\n").env_file(
            SECRET_KEY="7c1f" * 16, LLM_API_URL=model_server.url, LLM_MODEL="test", LLM_API_KEY="key"
        )
        scenario.run("backup", "key", "create", "--yes").check()
        scenario.up()
        life = Life.begin(scenario.chat, "wang")
        made = scenario.run("backup", "--json").check().data["backup"]["id"]
        yield Kept(scenario, life, made, life.seen())


def cut_restore(kept: Kept, index: int, way_on: tuple[str, ...], *, after: float) -> None:
    now = kept.goes_on()
    kill_in_step(kept.scenario, index, *kept.restore, after=after)
    assert kept.scenario.chat.status("/health/ready") == 200, "the service was down after the kill"
    assert kept.life.seen() in (now, kept.then)
    if way_on == UP:
        kept.scenario.up()
        seen = kept.life.seen()
        assert seen in (now, kept.then)
        kept.life.is_there(seen)
        kept.is_clean()
    else:
        kept.scenario.run(*kept.restore).check()
        kept.is_restored()


@pytest.mark.parametrize(
    ("step", "way_on"),
    [("restore ", RESTORE), ("send requests to", UP)],
    ids=["fill", "switch"],
)
def test_a_restore_killed_in_a_step_leaves_old_data_or_new_and_goes_on(
    kept: Kept, step: str, way_on: tuple[str, ...]
) -> None:
    index = index_of(planned(kept.scenario, "restore", kept.backup, "--plan"), step)
    cut_restore(kept, index, way_on, after=0.3)


@pytest.mark.full
@pytest.mark.parametrize("way_on", [RESTORE, UP], ids=["again", "up"])
@pytest.mark.parametrize("after", [0.0, 0.4])
def test_a_restore_killed_in_any_step_leaves_old_data_or_new_and_goes_on(
    kept: Kept, way_on: tuple[str, ...], after: float
) -> None:
    steps = len(planned(kept.scenario, "restore", kept.backup, "--plan"))
    for index in range(steps):
        cut_restore(kept, index, way_on, after=after)


@pytest.mark.parametrize("after", [0.4, *(pytest.param(part / 4, marks=pytest.mark.full) for part in range(14))])
def test_a_backup_killed_anywhere_is_made_by_the_next_run(kept: Kept, after: float) -> None:
    now = kept.goes_on()
    process = kept.scenario.start("backup")
    wait_for(lambda: bool(jobs(kept.scenario.project)) or process.poll() is not None)
    time.sleep(after)
    process.kill()
    process.communicate()
    made = kept.scenario.run("backup", "--json").check().data["backup"]
    assert made["verified_at"]
    assert all(item["ok"] for item in kept.scenario.run("backup", "verify", "--all", "--json").check().data["backups"])
    kept.life.is_there(now)
    kept.is_clean()


def wait_for(condition: Callable[[], bool], *, timeout: float = 60) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.01)


def data_volumes(project: str) -> set[str]:
    return {volume for volume in facts.volumes(project) if "_backend-db" in volume}


def without_its_container(kept: Kept, *argv: str, on: Callable[[set[str]], bool]) -> Ran:
    """Run a command and remove the container of its first job on such volumes."""
    process = kept.scenario.start(*argv, "--json")

    def removed() -> bool:
        for item in jobs(kept.scenario.project):
            if on({str(mount.get("Name", "")) for mount in item.attrs["Mounts"]}):
                item.remove(force=True)
                return True
        return process.poll() is not None

    wait_for(removed)
    stdout, stderr = process.communicate(timeout=200)
    return Ran(argv, process.returncode, stdout, stderr, 0)


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_job_whose_container_is_removed_is_told_and_the_next_run_is_clean(kept: Kept, command: str) -> None:
    """A restore's own backup is not what counts here: it goes on without one, for it keeps the volume."""
    now, project = kept.goes_on(), kept.scenario.project
    argv = ("backup",) if command == "backup" else kept.restore
    before = data_volumes(project)
    failed = without_its_container(
        kept, *argv, on=lambda names: command == "backup" or bool(data_volumes(project) & names - before)
    ).check(ARCHIVE_FAILED)
    (error,) = failed.json["errors"]
    assert error["code"] in {"job_killed", "job_failed"}
    assert "Run the command again" in error["hint"]
    assert data_volumes(project) == before
    kept.life.is_there(now)
    kept.scenario.up()  # forgets what a cut restore had begun
    kept.is_clean()
    kept.scenario.run(*argv).check()
    kept.is_clean()


@pytest.mark.parametrize("other", [RESTORE, UP], ids=["restore", "up"])
def test_whoever_comes_second_is_told_who_is_at_work(kept: Kept, other: tuple[str, ...]) -> None:
    scenario = kept.scenario
    lock = scenario.state / scenario.project / "lock"
    argv = kept.restore if other == RESTORE else (*UP, "--set", f"health.stop_timeout={time.time_ns() % 50 + 6}")
    process = scenario.start(*argv)
    wait_for(lambda: f'"{other[0]}' in lock.read_text() or process.poll() is not None)
    refused = scenario.run("backup", "--json").check(LOCK_HELD)
    _, said = process.communicate(timeout=200)
    assert process.returncode == 0, said
    (error,) = refused.json["errors"]
    assert error["code"] == "lock_held"
    assert re.search(rf"runs '{other[0]}[^']*' since .* \(process {process.pid}\)", error["message"])
    scenario.run("backup").check()
    scenario.up()
    kept.is_clean()


def test_a_restored_backend_that_never_gets_healthy_is_taken_back_and_nobody_notices(kept: Kept) -> None:
    scenario = kept.scenario
    now = kept.goes_on()
    there = {item.name for item in facts.containers(scenario.project)}
    with KeepAliveClients(scenario.api_port, "/health/ready", count=2) as api:
        process = scenario.start(*kept.restore, "--json")

        def removed() -> bool:
            new = [item for item in facts.containers(scenario.project) if item.name not in there]
            for item in new:
                item.remove(force=True)
            return bool(new) or process.poll() is not None

        wait_for(removed)
        stdout, stderr = process.communicate(timeout=200)
    assert process.returncode in {STEP_FAILED, UNHEALTHY}, stdout + stderr  # as it is seen: going, or gone
    failed = Ran(kept.restore, process.returncode, stdout, stderr, 0)
    assert "The service uses the data again that it used before." in failed.json["errors"][0]["details"]
    assert api.requests > 50
    assert api.failures == []
    kept.life.is_there(now)
    kept.is_clean()


def of_a_newer_release(kept: Kept, folder: Path) -> Path:
    """Make a backup of a database with a schema that this release doesn't know."""
    place = Place(folder, rows=3)
    with closing(sqlite3.connect(place.data / "llmchat.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    sidecar = place.create(project=kept.scenario.project, environment=kept.scenario.name)
    return place.backups / sidecar.archive


def test_a_backup_of_a_newer_release_is_refused_and_taken_back(kept: Kept, tmp_path: Path) -> None:
    now = kept.goes_on()
    with KeepAliveClients(kept.scenario.api_port, "/health/ready", count=2) as api:
        failed = kept.scenario.run("restore", str(of_a_newer_release(kept, tmp_path)), "--yes", "--json")
    (error,) = failed.check(ARCHIVE_FAILED).json["errors"]
    assert error["code"] == "schema_newer"
    assert "9999" in error["message"]
    assert api.failures == []
    kept.life.is_there(now)
    kept.is_clean()


def test_the_restored_volume_keeps_owner_and_mode(kept: Kept) -> None:
    kept.scenario.run(*kept.restore).check()
    backend = facts.container(kept.scenario.project, "backend")
    volume = next(mount["Name"] for mount in backend.attrs["Mounts"] if mount["Destination"] == "/app/db")
    assert "-g" in volume
    found = facts.output_of(backend, "stat", "-c", "%u:%g %a", "/app/db", "/app/db/llmchat.db").decode().split("\n")
    assert found[0] == "10001:10000 700"
    assert found[1].startswith("10001:10000 6")
    kept.is_restored()
