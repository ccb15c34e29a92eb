from __future__ import annotations

import shlex

import pytest

from llmchat_deploy.host.base import LockHolder
from tests.cli.conftest import FakeWorld, Run
from tests.fakes import Killed

CONTAINER = "llmchat-production-backup"


def schedule_line(world: FakeWorld) -> list[str]:
    text = (world.folder / ".env.production").read_text()
    return [line for line in text.splitlines() if line.startswith("BACKUP_SCHEDULE")]


def services(world: FakeWorld) -> list[str]:
    return sorted({item.service for item in world.engine_.containers("llmchat-production")})


def test_a_schedule_is_written_and_the_container_started(deployed: Run, world: FakeWorld) -> None:
    ran = deployed("backup", "schedule", "--cron", "30 3 * * *")
    assert ran.code == 0, ran.err
    assert "+ start backup" in ran.out
    assert "✓ Backups of production are made by themselves." in ran.out
    assert schedule_line(world) == ["BACKUP_SCHEDULE='30 3 * * *'"]
    assert "backup" in services(world)


def test_up_has_nothing_left_to_do_afterwards(deployed: Run) -> None:
    assert deployed("backup", "schedule", "--every", "6h").code == 0
    assert deployed("plan", "--exit-code").code == 0


@pytest.mark.parametrize("words", [("--every", "6h"), ("--cron", "30 3 * * *")])
def test_it_is_known_by_what_was_typed(deployed: Run, world: FakeWorld, words: tuple[str, str]) -> None:
    host, typed = world.host("llmchat-production"), shlex.join(("backup", "schedule", *words))
    host.reasons.clear()
    assert deployed("backup", "schedule", *words).code == 0
    assert host.reasons[0] == typed
    for command in ("audit", "releases"):
        runs = deployed(command, "--json").document["data"]["runs"]
        assert [run["command"] for run in runs] == [typed, "up"]


def test_the_command_that_a_released_lock_names_finishes_it(deployed: Run, world: FakeWorld) -> None:
    assert deployed("backup", "schedule", "--every", "6h").code == 0
    host, tape = world.host("llmchat-production"), world.engine_.tape
    tape.kill_at = len(world.writes) + 1
    with pytest.raises(Killed):
        deployed("backup", "schedule", "--off", "--yes")
    tape.kill_at = None
    assert "backup" in services(world)
    host.held_by = LockHolder("wang", host.name(), 4711, "2026-11-25T10:00:00+00:00", host.reasons[-1])
    (step,) = deployed("lock", "release", "--yes", "--json").document["data"]["next_steps"]
    told, command = step.split(": llmchat-deploy ")
    assert told == "Finish what it began"
    assert deployed(*shlex.split(command), "--yes").code == 0
    assert "backup" not in services(world)


def test_off_takes_the_container_away(deployed: Run, world: FakeWorld) -> None:
    assert deployed("backup", "schedule", "--every", "6h").code == 0
    ran = deployed("backup", "schedule", "--off", "--yes")
    assert ran.code == 0, ran.err
    assert "aren't made by themselves any more" in ran.out
    assert schedule_line(world) == ["BACKUP_SCHEDULE=''"]
    assert "backup" not in services(world)


@pytest.mark.parametrize(("option", "text"), [("--every", "1m"), ("--cron", "30 25 * * *"), ("--cron", "daily")])
def test_a_schedule_that_is_none_changes_nothing(deployed: Run, world: FakeWorld, option: str, text: str) -> None:
    before = world.writes.copy()
    ran = deployed("backup", "schedule", option, text)
    assert ran.code == 3
    assert "BACKUP_SCHEDULE  .env.production:" in ran.err
    assert schedule_line(world) == []
    assert world.writes == before


def test_a_no_changes_nothing(deployed: Run, world: FakeWorld) -> None:
    assert deployed("backup", "schedule", "--every", "6h").code == 0
    world.interactive, world.answers = True, ["n"]
    ran = deployed("backup", "schedule", "--off")
    assert ran.code == 6
    assert schedule_line(world) == ["BACKUP_SCHEDULE='every 6h'"]
    assert "backup" in services(world)


def test_an_option_that_overrides_the_file_is_refused(deployed: Run, world: FakeWorld) -> None:
    ran = deployed("backup", "schedule", "--off", "--set", "backup.schedule=every 6h")
    assert ran.code == 6
    assert "--set overrides BACKUP_SCHEDULE" in ran.err
    assert schedule_line(world) == []


def test_before_the_first_up_the_schedule_is_only_written(run: Run, world: FakeWorld) -> None:
    ran = run("backup", "schedule", "--every", "6h")
    assert ran.code == 0, ran.err
    assert "→ llmchat-deploy up --env production" in ran.out
    assert schedule_line(world) == ["BACKUP_SCHEDULE='every 6h'"]
    assert world.writes == []


def test_without_an_option_it_is_shown(run: Run, world: FakeWorld) -> None:
    ran = run("backup", "schedule")
    assert ran.code == 0
    assert ran.out.splitlines()[0].split() == ["Schedule", "none"]
    assert run("backup", "schedule", "--json").document["data"]["schedule"] == ""
    assert world.writes == []


def test_two_wishes_at_once_are_a_usage_error(run: Run) -> None:
    assert run("backup", "schedule", "--every", "6h", "--off").code == 2
    assert run("backup", "schedule", "--show", "--systemd").code == 2


def test_the_units_of_systemd_are_printed_and_nothing_is_changed(run: Run, world: FakeWorld) -> None:
    ran = run("backup", "schedule", "--cron", "30 3 * * *", "--systemd")
    assert ran.code == 0, ran.err
    assert "sudo systemctl enable --now llmchat-production-backup.timer" in ran.out
    assert "ExecStart=/opt/chat/python -m llmchat_deploy backup --env production" in ran.out
    assert "OnCalendar=*-*-* 03:30:00" in ran.out
    assert schedule_line(world) == []
    assert "backup schedule --systemd --cron '30 3 * * *' --env production |" in ran.out, "gives the same once more"
    assert "--systemd --every 6h --env" in run("backup", "schedule", "--every", "6h", "--systemd").out
    assert run("backup", "schedule", "--systemd").code == 6
