"""Machine A burns down; on an empty machine B one file, its key and one command bring everything back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import checks, facts
from tests.e2e.life import Life
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Ran, Scenario

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

SECRETS = {"SECRET_KEY": "corr3ct$battery" * 4, "LLM_API_KEY": "key-of-the-model"}
ARCHIVE_FAILED = 11


@dataclass
class Rebuilt:
    """The environment on its new machine, and what its users had on the old one."""

    scenario: Scenario
    server: ModelServer
    lives: dict[str, tuple[Life, dict[str, Any]]]
    without_key: Ran
    keyless_left: set[str]
    restore: Ran

    def save_artifacts(self, test: str) -> None:
        self.scenario.save_artifacts(test)


def burn_down(scenario: Scenario) -> None:
    """Leave nothing of a machine but its images: a new one takes longer to build them, and that is all it shares."""
    facts.remove_project(scenario.project)
    shutil.rmtree(scenario.folder)
    assert facts.everything(scenario.project) == set()


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rebuilt]:
    with (
        ModelServer(keys=frozenset({SECRETS["LLM_API_KEY"]})) as server,
        Scenario(tmp_path_factory.mktemp("machine-a"), label="burnt") as old,
    ):
        away = tmp_path_factory.mktemp("usb")
        old.profile("[backup]\nkeep_daily = 9\n").env_file(LLM_API_URL=server.url, LLM_MODEL="test", **SECRETS)
        old.run("backup", "key", "create", "--yes").check()
        old.up()
        lives = {}
        for name in ("wang", "li"):
            life = Life.begin(old.chat, name)
            lives[name] = (life, life.seen())
        made = old.run("backup", "--to", str(away), "--json").check().data
        shutil.copy(old.folder / f".backup-key.{old.name}", away / "key.txt")
        burn_down(old)

        with Scenario(tmp_path_factory.mktemp("machine-b"), label="new") as scenario:
            scenario.stand_in_for(old)
            archive, key = str(away / Path(made["file"]).name), str(away / "key.txt")
            without_key = scenario.run("restore", archive, "--json")
            keyless_left = facts.everything(scenario.project)
            restore = scenario.run("restore", archive, "--key", key, "--json").check()
            yield Rebuilt(scenario, server, lives, without_key, keyless_left, restore)


def test_without_the_key_nothing_is_begun(rebuilt: Rebuilt) -> None:
    rebuilt.without_key.check(ARCHIVE_FAILED)
    assert rebuilt.without_key.json["errors"][0]["code"] == "key_missing"
    assert rebuilt.keyless_left == set()


@pytest.mark.parametrize("name", ["wang", "li"])
def test_everybody_finds_chats_and_files_and_is_still_logged_in(rebuilt: Rebuilt, name: str) -> None:
    """With the same SECRET_KEY a session of the old machine goes on."""
    life, seen = rebuilt.lives[name]
    life.is_there(seen)
    life.goes_on("Are you still there?")


def test_settings_and_secrets_are_those_of_the_old_machine(rebuilt: Rebuilt) -> None:
    scenario = rebuilt.scenario
    env_file = scenario.folder / f".env.{scenario.name}"
    assert env_file.stat().st_mode & 0o777 == 0o600
    assert all(value in env_file.read_text() for value in SECRETS.values())
    assert "keep_daily = 9" in (scenario.folder / f"environments/{scenario.name}.toml").read_text()
    assert rebuilt.server.asked[-1].authorization == f"Bearer {SECRETS['LLM_API_KEY']}"
    assert not any(value in rebuilt.restore.output for value in SECRETS.values())


def test_the_new_machine_is_deployed_whole(rebuilt: Rebuilt) -> None:
    data = rebuilt.restore.data
    assert (data["generation"], data["kept_volume"], data["safety"]) == (1, None, None)
    checks.runs_exactly_once(rebuilt.scenario, "backend", "edge", "frontend")
    listed = rebuilt.scenario.run("backup", "--json").check().data["backup"]
    assert listed["encrypted"], "the next backup is encrypted to the same key"
