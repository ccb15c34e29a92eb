"""Backups that are made by themselves: a container of ours with a real remote and somebody who listens."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from tests.contract.listener import Listener
from tests.contract.peers import SshServer
from tests.e2e import checks, facts, leaks
from tests.e2e.scenario import Ran, Scenario, free_port

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

PATIENCE = 60
HOOK = "hook-token-b19c77"
SECRET_KEY = "5d0b7a91c4e8f6231907ab5cde44f0186b2c3a9788e1d0f45566aa7730bc19ef"


@dataclass
class Scheduled:
    """An environment whose first scheduled backup has been made."""

    scenario: Scenario
    listener: Listener
    ssh: SshServer
    set_up: Ran

    @property
    def backups(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.scenario.run("backup", "list", "--json").check().data["backups"]
        return rows

    @property
    def state_file(self) -> Path:
        return self.scenario.state / self.scenario.project / "backups" / f"{self.scenario.project}.state"

    @property
    def archives_elsewhere(self) -> list[str]:
        return sorted(path.name for path in (self.ssh.files / "backups/chat").iterdir() if path.suffix == ".age")

    def save_artifacts(self, test: str) -> None:
        self.scenario.save_artifacts(test)


def bridge() -> str:
    """Return this machine's own address on Docker's first bridge: containers reach it, other machines don't."""
    network: Any = facts.client().api.inspect_network("bridge")
    told = network["IPAM"]["Config"][0]
    return str(told.get("Gateway") or next(ip_network(told["Subnet"]).hosts()))


@pytest.fixture(scope="module")
def scheduled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scheduled]:
    folder = tmp_path_factory.mktemp("scheduled")
    with (
        Listener(bridge()) as listener,
        SshServer(folder / "ssh", bridge()) as ssh,
        Scenario(folder, label="scheduled") as scenario,
    ):
        remote = {name: value for name, value in ssh.settings().items() if name != "private_key"}
        lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in remote.items())
        keep = "drill_every = 0\nkeep_last = 1\nkeep_daily = 0\nkeep_weekly = 0\nkeep_monthly = 0\n"
        scenario.profile(f"[backup]\n{keep}[backup.remotes.cellar]\n{lines}").env_file(
            SECRET_KEY=SECRET_KEY,
            LLM_API_URL=f"http://127.0.0.1:{free_port()}/v1/chat/completions",
            LLM_MODEL="none",
            BACKUP_WEBHOOK_URL=f"{listener.url}/{HOOK}",
            BACKUP_PING_URL=f"{listener.url}/ping",
            BACKUP_REMOTE_CELLAR_PRIVATE_KEY=ssh.private_key,
        )
        scenario.run("backup", "key", "create").check()
        set_up = scenario.run("backup", "schedule", "--every", "5m").check()
        scenario.up()
        assert listener.done.wait(PATIENCE), facts.container(scenario.project, "backup").logs().decode()
        yield Scheduled(scenario, listener, ssh, set_up)


def test_before_the_first_up_only_the_schedule_is_written(scheduled: Scheduled) -> None:
    assert f"→ llmchat-deploy up --env {scheduled.scenario.name}" in scheduled.set_up.stdout
    written = (scheduled.scenario.folder / f".env.{scheduled.scenario.name}").read_text()
    assert "BACKUP_SCHEDULE='every 5m'" in written


def test_a_backup_is_made_encrypted_verified_copied_and_told(scheduled: Scheduled) -> None:
    (backup,) = scheduled.backups
    assert (backup["kind"], backup["encrypted"], bool(backup["verified_at"])) == ("scheduled", True, True)
    assert backup["remotes"] == {"cellar": "confirmed"}
    assert scheduled.archives_elsewhere == [backup["archive"]]
    assert [path for path, _ in scheduled.listener.heard] == ["/ping/start", f"/{HOOK}", "/ping"]
    told = json.loads(scheduled.listener.heard[1][1])
    assert (told["event"], told["id"], told["remotes"]) == ("backup_succeeded", backup["id"], {"cellar": "confirmed"})


def test_status_health_and_the_schedule_show_it(scheduled: Scheduled) -> None:
    (backup,) = scheduled.backups
    status = scheduled.scenario.run("status", "--json").check().data["backups"]
    assert (status["verified"], status["schedule"], status["late"]) == (backup["id"], "every 5m", False)
    health = scheduled.scenario.run("health").stdout
    assert re.search(r"✓ backup +(healthy|starting)", health)  # Docker itself asks it every 30 s
    assert re.search(rf"✓ backups +the newest verified one is \d+ min old \({backup['id']}\)", health)
    shown = scheduled.scenario.run("backup", "schedule", "--json").check().data
    assert (shown["last_ok"], shown["last_failure"]) == (True, "")
    assert datetime.fromisoformat(shown["next_run"]) - datetime.fromisoformat(shown["last_run"]) == timedelta(minutes=5)


def test_its_container_holds_only_what_it_needs(scheduled: Scheduled) -> None:
    container = facts.container(scheduled.scenario.project, "backup")
    checks.is_hardened(container, binds=frozenset({"/backups", "/run/llmchat-lock"}))
    checks.processes_are_not_root(container)
    assert b"docker" not in facts.output_of(container, "ls", "-A", "/run", "/var/run")
    assert not container.attrs["NetworkSettings"]["Ports"]


def test_no_secret_is_told_by_docker_or_stands_in_the_backups_folder(scheduled: Scheduled) -> None:
    scenario = scheduled.scenario
    key = (scenario.folder / f".backup-key.{scenario.name}").read_text().splitlines()[-1]
    found = leaks.Secrets(
        secret_key=SECRET_KEY, hook=HOOK, ssh_key=scheduled.ssh.private_key.splitlines()[2], backup_key=key
    )
    told = [(where, text) for where, text in leaks.docker_answers(scenario.project) if found.found_in(text)]
    assert [where for where, _ in told] == []
    for file in scheduled.state_file.parent.iterdir():
        assert found.found_in(file.read_bytes()) == [], file.name


def test_runs_that_were_missed_are_made_up_for_once_and_what_no_rule_keeps_goes(scheduled: Scheduled) -> None:
    container = facts.container(scheduled.scenario.project, "backup")
    (before,) = scheduled.backups
    container.kill()
    state = json.loads(scheduled.state_file.read_text())
    long_ago = datetime.fromisoformat(state["last_run"]["at"]) - timedelta(hours=3)
    scheduled.state_file.write_text(json.dumps(state | {"last_run": state["last_run"] | {"at": long_ago.isoformat()}}))
    scheduled.listener.done.clear()
    scheduled.listener.heard.clear()

    container.start()

    assert scheduled.listener.done.wait(PATIENCE), container.logs().decode()
    (after,) = scheduled.backups
    assert after["id"][-4:] == "0002"
    assert before["archive"] not in scheduled.archives_elsewhere
    next_run = scheduled.scenario.run("backup", "schedule", "--json").check().data["next_run"]
    assert datetime.fromisoformat(next_run) > datetime.fromisoformat(after["created_at"]) + timedelta(minutes=4)
    assert [path for path, _ in scheduled.listener.heard] == ["/ping/start", f"/{HOOK}", "/ping"]
