"""``rollback`` as it is typed."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.cli.conftest import FakeWorld, Run
from tests.fake_archives import FakeArchives, a_header
from tests.sidecars import told

FOLDER = "/state/backups"
SNAPSHOT = "20261125-101500-0001"
PROJECT = "llmchat-production"


@pytest.fixture
def updated(world: FakeWorld, deployed: Run) -> Run:
    """Return the command line after an update that left the schema as it was."""
    world.templates_.sources["backend"] = "1" * 64
    assert deployed("up", "--env", "production", "--yes").code == 0
    return deployed


@pytest.fixture
def moved(world: FakeWorld, deployed: Run) -> Run:
    """Return the command line after an update that moved the schema."""
    world.templates_.sources["backend"], world.templates_.revision = "1" * 64, "0002"
    world.engine_.schema = "0002"
    assert deployed("up", "--env", "production", "--yes").code == 0
    archive = f"{PROJECT}-{SNAPSHOT}.tar.zst"
    sidecar = told(1, datetime(2026, 11, 25, 10, 15, tzinfo=UTC), PROJECT, archive=archive)
    world.hosts[PROJECT].texts[f"{FOLDER}/{PROJECT}-{SNAPSHOT}.json"] = json.dumps(sidecar)
    world.archives_ = FakeArchives({f"{FOLDER}/{archive}": a_header(project=PROJECT)})
    return deployed


def test_it_says_what_runs_again_and_how_to_go_forward(updated: Run) -> None:
    ran = updated("rollback", "--env", "production", "--yes")

    assert ran.code == 0
    assert "again." in ran.out
    assert "llmchat-deploy up --env production goes forward again." in ran.out
    assert "rollback" in updated("releases", "--env", "production").out


def test_the_lock_names_the_release_it_goes_back_to(world: FakeWorld, updated: Run) -> None:
    release = updated("releases", "--json").document["data"]["runs"][-1]["release"]
    host = world.host("llmchat-production")
    host.reasons.clear()

    assert updated("rollback", "--yes").code == 0

    assert host.reasons[0] == f"rollback {release}", "without it, the same again goes back one further"


def test_lock_and_audit_say_that_the_data_was_to_stay(world: FakeWorld, updated: Run) -> None:
    host = world.host("llmchat-production")
    host.reasons.clear()

    assert updated("rollback", "--keep-data", "--yes").code == 0

    assert host.reasons[0].endswith(" --keep-data"), "without it, the same again brings the older data back"
    assert updated("releases", "--json").document["data"]["runs"][0]["command"] == host.reasons[0]


def test_the_plan_is_only_shown(world: FakeWorld, updated: Run) -> None:
    before = len(world.writes)

    ran = updated("rollback", "--env", "production", "--plan", "--exit-code")

    assert (ran.code, len(world.writes)) == (10, before)
    assert "the next up goes forward again" in ran.out


def test_a_release_that_runs_already_needs_nothing(updated: Run) -> None:
    current = updated("releases", "--env", "production", "--json").document["data"]["current"]

    assert "Nothing to do" in updated("rollback", current, "--env", "production").out


def test_with_one_release_there_is_nothing_to_go_back_to(deployed: Run) -> None:
    ran = deployed("rollback", "--env", "production")

    assert ran.code == 6
    assert "before this one" in ran.err


def test_at_a_terminal_it_is_asked_and_a_no_changes_nothing(world: FakeWorld, updated: Run) -> None:
    world.interactive, world.answers = True, ["n"]
    before = len(world.writes)

    assert updated("rollback", "--env", "production").code == 6
    assert len(world.writes) == before


def test_data_never_goes_back_unasked_and_yes_is_not_enough(world: FakeWorld, moved: Run) -> None:
    before = len(world.writes)
    ran = moved("rollback", "--env", "production", "--yes")

    assert (ran.code, len(world.writes)) == (6, before)
    assert "since 2026-11-25 10:15:00 UTC" in ran.err
    assert "--confirm production" in ran.err


def test_data_goes_back_where_the_name_is_typed(world: FakeWorld, moved: Run) -> None:
    world.engine_.schema = "0001"
    world.interactive, world.answers = True, ["production"]

    ran = moved("rollback", "--env", "production")

    assert ran.code == 0
    assert "isn't in it" in world.questions[0]
    assert f"Its data is that of backup {SNAPSHOT}." in ran.out


def test_another_name_changes_nothing(moved: Run) -> None:
    assert moved("rollback", "--env", "production", "--confirm", "staging").code == 6


def test_the_data_can_be_kept(moved: Run) -> None:
    document = moved("rollback", "--env", "production", "--keep-data", "--json").document

    assert (document["exit_code"], document["data"]["snapshot"]) == (0, None)
