"""A proxy of one's own in front goes by a file that the tool has printed once: a new address makes it wrong."""

from __future__ import annotations

import pytest

from tests.cli.conftest import FakeWorld, Run

OLD, NEW = "192.168.1.100", "10.20.30.40"
STALE = "The proxy in front goes by its old configuration"
ANEW = "llmchat-deploy proxy nginx --env production --out FILE"


def behind(world: FakeWorld, **variables: str) -> None:
    file = world.folder / ".env.production"
    lines = "".join(f"{name}={value}\n" for name, value in variables.items())
    file.write_text(f"{file.read_text(encoding='utf-8')}{lines}", encoding="utf-8")


@pytest.fixture
def _by_address(world: FakeWorld) -> None:
    behind(world, HOST="127.0.0.1", TRUSTED_PROXIES="127.0.0.1", PUBLIC_URL=f"http://{OLD}")


@pytest.mark.usefixtures("_by_address")
def test_plan_and_result_say_that_the_proxy_is_left(run: Run) -> None:
    assert run("up").code == 0
    before = run("proxy", "nginx").out

    plan = run("migrate-ip", NEW, "--plan")
    document = run("migrate-ip", NEW, "--plan", "--json").document["data"]
    ran = run("migrate-ip", NEW, "--json")

    assert STALE in plan.err
    assert f"Afterwards: {ANEW}" in plan.out
    assert document["next_steps"][0].startswith(ANEW)
    assert ran.document["data"]["next_steps"][-1].startswith(ANEW)
    assert any(warning.startswith(STALE) for warning in ran.document["warnings"])
    assert run("proxy", "nginx").out != before


@pytest.mark.usefixtures("_by_address")
def test_going_back_and_ending_old_addresses_leave_it_too(run: Run) -> None:
    assert run("up").code == 0
    assert run("migrate-ip", NEW).code == 0
    assert ANEW in run("migrate-ip", "--undo").out
    assert run("migrate-ip", NEW).code == 0

    assert ANEW in run("migrate-ip", "--forget-old").out


@pytest.mark.usefixtures("_by_address")
def test_a_run_that_was_cut_after_the_files_still_says_so(run: Run, world: FakeWorld) -> None:
    assert run("up").code == 0
    assert run("migrate-ip", NEW).code == 0
    host = world.host("llmchat-production")
    finished = host.state["address-change.json"]
    host.state["address-change.json"] = finished.replace('"finished": true', '"finished": false')

    assert ANEW in run("migrate-ip", NEW).out


def test_a_proxy_that_stays_right_is_not_mentioned(run: Run, world: FakeWorld) -> None:
    behind(world, HOST="127.0.0.1", TRUSTED_PROXIES="127.0.0.1", PUBLIC_URL="https://chat.example.com")
    assert run("up").code == 0
    before = run("proxy", "nginx").out

    ran = run("migrate-ip", NEW)

    assert STALE not in ran.err
    assert ANEW not in ran.out
    assert run("proxy", "nginx").out == before


def test_a_new_name_by_https_needs_another_certificate(run: Run, world: FakeWorld) -> None:
    behind(world, HOST="127.0.0.1", TRUSTED_PROXIES="127.0.0.1", PUBLIC_URL="https://chat.example.com")

    ran = run("migrate-ip", "talk.example.com", "--from", "chat.example.com", "--plan")

    assert "Its certificate must be good for talk.example.com, too." in ran.err


def test_a_proxy_of_which_only_its_address_is_known_is_mentioned(run: Run, world: FakeWorld) -> None:
    behind(world, TRUSTED_PROXIES="10.0.0.5")

    assert f"look whether its configuration names {OLD}" in run("migrate-ip", NEW, "--plan").err


def test_without_a_proxy_there_is_nothing_to_say(deployed: Run) -> None:
    ran = deployed("migrate-ip", NEW)

    assert "proxy" not in ran.out
    assert "proxy in front" not in ran.err
