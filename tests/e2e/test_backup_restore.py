"""Back up while people chat, go back to it and come back again; nobody's requests fail and no secret is shown."""

from __future__ import annotations

import io
import json
import sqlite3
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import checks, facts, leaks
from tests.e2e.life import Life
from tests.e2e.load import KeepAliveClients, OpenStreams
from tests.e2e.model_server import ModelServer
from tests.e2e.scenario import Ran, Scenario

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

STREAMS = 2
WORDS = tuple(f"{number} " for number in range(60))
DELAY = 0.1
"""Seconds between words: an answer takes 6 s and is open when the service is switched."""
GUIDE_HASH = "$2b$10$oycMue9SJsRzdOwoNJ7tBuXwfQIG6ADj.6bsCI/ucrSWwI0XOF1FK"
GUIDE_PASSWORD = "guide password 1"
SERVICES = ("backend", "edge", "frontend")


@dataclass
class Story:
    """One environment, its data at two moments, and what was said and met on the way between them."""

    scenario: Scenario
    life: Life
    secrets: leaks.Secrets
    then: dict[str, Any] = field(default_factory=dict)
    now: dict[str, Any] = field(default_factory=dict)
    backup: Ran | None = None
    restore: Ran | None = None
    undo: Ran | None = None
    after_restore: list[str] = field(default_factory=list)
    page: KeepAliveClients | None = None
    api: KeepAliveClients | None = None
    streams: list[OpenStreams] = field(default_factory=list)
    watch: leaks.ProcessWatch | None = None
    jobs: dict[str, str] = field(default_factory=dict)

    def save_artifacts(self, test: str) -> None:
        self.scenario.save_artifacts(test)

    @property
    def key(self) -> Path:
        return self.scenario.folder / f".backup-key.{self.scenario.name}"

    @property
    def archive(self) -> Path:
        assert self.backup
        return Path(self.backup.data["file"])


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Go the whole way once."""
    values = {"SECRET_KEY": "corr3ct$battery" * 4, "LLM_API_KEY": "key-$HOME-`of`-the-model"}
    with (
        ModelServer(words=WORDS, delay=DELAY) as slow,
        ModelServer() as server,
        Scenario(tmp_path_factory.mktemp("backup"), label="backup") as scenario,
    ):
        slow_model = {"slow": {"name": "Slow", "url": slow.url, "model": "counter", "key": ""}}
        scenario.profile("[health]\ndrain_timeout = 60\n").env_file(
            LLM_API_URL=server.url, LLM_MODEL="test", PRESET_MODELS=json.dumps(slow_model), **values
        )
        scenario.run("backup", "key", "create", "--yes").check()
        scenario.up()
        story = Story(scenario, Life.begin(scenario.chat, "wang"), leaks.Secrets(**values))
        private = [line for line in story.key.read_text().splitlines() if line.startswith("AGE-SECRET-KEY-")]
        story.secrets.add("backup key", private[0])
        story.then = story.life.seen()
        with (
            leaks.ProcessWatch(story.secrets, pause=0.05) as story.watch,
            leaks.job_containers() as story.jobs,
            KeepAliveClients(scenario.web_port, "/auth", count=2) as story.page,
            KeepAliveClients(scenario.api_port, "/health/ready", count=2) as story.api,
        ):
            story.backup = scenario.run("backup", "--label", "then", "--json").check()
            story.life.goes_on("And now?")
            story.now = story.life.seen()
            story.streams.append(OpenStreams(story.life.chat, STREAMS, model="slow").start())
            story.restore = scenario.run("restore", story.backup.data["backup"]["id"], "--yes", "--json").check()
            story.streams[0].finish()
            story.life.is_there(story.then)
            story.undo = scenario.run("restore", "--undo", "--yes", "--json").check()
        yield story


def test_a_restore_brings_back_what_was_there_and_undo_what_came_after(story: Story) -> None:
    assert story.backup
    assert story.restore
    assert story.undo
    backup = story.backup.data["backup"]
    assert (backup["encrypted"], backup["label"]) == (True, "then")
    assert backup["verified_at"]
    restored = story.restore.data
    assert (restored["source"], restored["generation"]) == (backup["id"], 2)
    assert restored["backup"]["rows"] == backup["contents"]["rows"]
    assert restored["safety"] != backup["id"]
    assert restored["kept_volume"] == story.undo.data["volume"]
    assert story.undo.data["kept_volume"] == restored["volume"]

    seen = story.life.seen()
    assert story.now.items() <= seen.items()
    assert len(story.now) == len(story.then) + 1
    story.life.is_there(seen)
    checks.runs_exactly_once(story.scenario, *SERVICES)


def test_no_request_fails_and_no_answer_is_cut_while_the_service_is_switched(story: Story) -> None:
    assert story.page
    assert story.api
    assert story.page.requests + story.api.requests > 200
    assert (story.page.failures, story.api.failures) == ([], [])
    for streams in story.streams:
        assert streams.errors == []
        assert [answer.status for answer in streams.answers] == ["complete"] * STREAMS
        assert {answer.text for answer in streams.answers} == {"".join(WORDS)}


def test_no_secret_is_shown_anywhere(story: Story) -> None:
    assert story.watch
    assert story.watch.samples > 20
    assert story.watch.leaks == set()
    for place, text in leaks.docker_answers(story.scenario.project):
        assert story.secrets.found_in(text) == [], place
    assert len(story.jobs) >= 3
    for container, text in story.jobs.items():
        assert story.secrets.found_in(text) == [], container
    for ran in story.scenario.runs:
        assert story.secrets.found_in(ran.output) == [], ran.argv
    sidecars = list(story.archive.parent.glob("*.json"))
    assert sidecars
    for path in (story.archive, *sidecars):
        assert story.secrets.found_in(path.read_bytes()) == [], path.name


def test_the_tools_of_debian_open_a_backup_without_ours(story: Story, tmp_path: Path) -> None:
    with (
        subprocess.Popen(["age", "-d", "-i", str(story.key), str(story.archive)], stdout=subprocess.PIPE) as age,
        subprocess.Popen(["zstd", "-d"], stdin=age.stdout, stdout=subprocess.PIPE) as zstd,
    ):
        subprocess.run(["tar", "x", "--no-same-owner"], cwd=tmp_path, stdin=zstd.stdout, check=True)
    assert (age.returncode, zstd.returncode) == (0, 0)

    connection = sqlite3.connect(tmp_path / "data/llmchat.db")
    assert ("wang",) in connection.execute("SELECT username FROM users").fetchall()
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    kept = [path.read_bytes() for path in (tmp_path / "data/attachments").rglob("*") if path.is_file()]
    assert sorted(kept) == sorted(story.life.files.values())
    settings = (tmp_path / "config/env").read_bytes()
    assert set(story.secrets.found_in(settings)) == {"LLM_API_KEY", "SECRET_KEY"}


def test_every_backup_is_read_back_and_the_newest_is_proved_by_a_drill(story: Story) -> None:
    verified = story.scenario.run("backup", "verify", "--all", "--json").check().data["backups"]
    assert len(verified) == 2
    assert all(item["ok"] for item in verified)
    before = facts.identities(story.scenario.project)
    drill = story.scenario.run("backup", "drill", "--json").check().data["drill"]
    assert drill["ok"]
    assert drill["rows"]["users"] >= 1
    assert facts.identities(story.scenario.project) == before
    listed = story.scenario.run("backup", "list", "--json").check().data["backups"]
    assert [item["proven_at"] is not None for item in listed if item["id"] == drill["id"]] == [True]


def guides_archive(folder: Path) -> Path:
    """Make an archive as the guide's command does, of a database as the guide's application has it."""
    connection = sqlite3.connect(folder / "llm_chat.db")
    connection.execute(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, username VARCHAR NOT NULL UNIQUE, hashed_password VARCHAR)"
    )
    connection.execute("INSERT INTO users (username, hashed_password) VALUES ('lao_wang', ?)", (GUIDE_HASH,))
    connection.execute("INSERT INTO users (username, hashed_password) VALUES ('wang', ?)", (GUIDE_HASH,))
    connection.commit()
    connection.close()
    archive = folder / "database-backup-20261125.tar.gz"
    with tarfile.open(archive, "w:gz") as members:
        for name in ("", "llm_chat.db"):
            members.add(folder / name, f"./{name}", recursive=False)
        members.addfile(tarfile.TarInfo("./notes.txt"), io.BytesIO())
    return archive


def test_the_guides_archive_adds_its_accounts_to_what_is_there(story: Story, tmp_path: Path) -> None:
    seen = story.life.seen()
    restored = story.scenario.run("restore", str(guides_archive(tmp_path)), "--yes", "--json").check().json
    assert restored["data"]["backup"]["accounts"] == {"added": 1, "kept": 1, "refused": 0, "without_password": 0}
    assert any("'wang' exists here already" in warning for warning in restored["warnings"])
    assert story.scenario.chat.log_in("lao_wang", GUIDE_PASSWORD).conversations() == []
    story.life.is_there(seen)
    checks.runs_exactly_once(story.scenario, *SERVICES)
