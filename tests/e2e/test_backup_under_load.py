"""Backups of a real data volume while 400 rows a second are committed to it: none is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from llmchat_archive import age, reader

from tests.e2e import facts
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Scenario
from tests.unit.archive import busy_writer
from tests.unit.archive.told import Told

pytestmark = [pytest.mark.docker, pytest.mark.full, pytest.mark.timeout(1800)]

BACKUPS, ROWS = 20, 50_000


def busy_database(scenario: Scenario) -> Path:
    """Put the writer's database in the place of the service's, which is down; return it as this machine sees it."""
    scenario.run("down", "--yes").check()
    volume = facts.client().volumes.get(f"{scenario.project}_backend-db")
    database = Path(volume.attrs["Mountpoint"]) / "llmchat.db"
    for path in database.parent.glob("llmchat.db*"):
        path.unlink()
    busy_writer.make(database, ROWS)
    os.chown(database, 10001, 10000)  # SQLite gives the files beside it to the same user
    return database


def test_every_one_of_twenty_backups_under_load_restores_to_all_that_was_committed(
    tmp_path: Path, model_server: ModelServer
) -> None:
    with Scenario(tmp_path, label="busy") as scenario:
        scenario.profile().env_file(LLM_API_URL=model_server.url, LLM_MODEL="test", LLM_API_KEY="")
        scenario.run("backup", "key", "create", "--yes").check()
        scenario.up()
        database, log = busy_database(scenario), tmp_path / "log"
        private = (scenario.folder / f".backup-key.{scenario.name}").read_text().splitlines()[-1]
        with busy_writer.writing(database, log) as writer:
            made = []
            for _ in range(BACKUPS):
                committed = busy_writer.committed(log)
                made.append((committed, Path(scenario.run("backup", "--json").check().data["file"])))
            assert writer.poll() is None
        assert len({file for _, file in made}) == BACKUPS

        last = 0
        for number, (committed, file) in enumerate(made):
            target = tmp_path / str(number)
            target.mkdir()
            reader.extract(file, age.parse_identities([private]), target, Told())
            found = busy_writer.assert_holds_what_was_committed(
                target / "data/llmchat.db", at_least=committed, rows=ROWS
            )
            assert found > last
            last = found
        assert last <= busy_writer.committed(log)
