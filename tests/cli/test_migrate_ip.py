"""A new address by one command: everything that holds the old one, nothing else, and the way back."""

from __future__ import annotations

import contextlib
import os

import pytest

from llmchat_deploy.errors import HostError
from llmchat_deploy.render.edge import EDGE_FOLDER
from tests.cli.conftest import FakeWorld, Run
from tests.fakes import FakeHost, Killed

OLD, NEW = "111.19.168.151", "192.168.1.100"
PROFILE = f"""\
# ours
[server]
api_url = "http://{OLD}:8000"  # the API
"""


@pytest.fixture(autouse=True)
def _two_places(world: FakeWorld) -> None:
    """Spread the old address over both files."""
    env = world.folder / ".env.production"
    env.write_text("# 服务器\n" + env.read_text(encoding="utf-8").replace(NEW, OLD), encoding="utf-8")
    (world.folder / "environments").mkdir()
    (world.folder / "environments/production.toml").write_text(PROFILE, encoding="utf-8")


def texts(world: FakeWorld) -> tuple[str, str]:
    paths = (".env.production", "environments/production.toml")
    return tuple((world.folder / path).read_text(encoding="utf-8") for path in paths)  # type: ignore[return-value]


def host(world: FakeWorld) -> FakeHost:
    return world.host("llmchat-production")


def test_every_place_is_changed_and_only_the_edge_s_files_are_loaded_anew(deployed: Run, world: FakeWorld) -> None:
    before = len(world.writes)

    ran = deployed("migrate-ip", NEW)

    assert ran.code == 0, ran.err
    env, profile = texts(world)
    assert f"SERVER_IP={NEW}\n" in env
    assert env.startswith("# 服务器\n")
    assert f"OLD_SERVER_IPS={OLD}\n" in env
    assert profile == PROFILE.replace(OLD, NEW)
    done = world.writes[before:]
    assert not any(write.startswith(("build", "compose")) for write in done), done
    assert any(write.startswith("signal llmchat-production-edge") for write in done), done
    assert f"http://{NEW}:3000" in ran.out
    assert f"Still works {OLD}" in ran.out
    assert f"   2 - SERVER_IP={OLD}" in ran.out


def test_owner_and_mode_of_the_files_stay(deployed: Run, world: FakeWorld) -> None:
    file = world.folder / ".env.production"
    file.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(file, 1234, 1235)
    before = file.stat()

    assert deployed("migrate-ip", NEW).code == 0

    after = file.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


def test_with_nothing_explicit_nothing_restarts(world: FakeWorld, run: Run) -> None:
    (world.folder / "environments/production.toml").unlink()
    assert run("up").code == 0
    before = list(world.writes)

    assert run("migrate-ip", NEW).code == 0

    assert not any(write.startswith("compose") for write in world.writes[len(before) :])
    urls = run("status", "--set", "server.web_port=3001", "--json").document["data"]["urls"]
    assert urls["web"] == f"http://{NEW}:3000", "what runs is reached there by now"


def test_undo_gives_every_byte_back(deployed: Run, world: FakeWorld) -> None:
    before = texts(world)
    assert deployed("migrate-ip", NEW).code == 0

    ran = deployed("migrate-ip", "--undo")

    assert ran.code == 0, ran.err
    assert texts(world) == before
    assert f"is back at {OLD}" in ran.out
    again = deployed("migrate-ip", "--undo")
    assert (again.code, "nothing_to_undo" in deployed("migrate-ip", "--undo", "--json").out) == (6, True)


def test_undo_leaves_what_was_edited_since(deployed: Run, world: FakeWorld) -> None:
    assert deployed("migrate-ip", NEW).code == 0
    file = world.folder / ".env.production"
    file.write_text(file.read_text(encoding="utf-8") + f"NO_PROXY={NEW}\n", encoding="utf-8")

    assert deployed("migrate-ip", "--undo").code == 0

    assert texts(world)[0].endswith(f"NO_PROXY={NEW}\n")
    assert f"SERVER_IP={OLD}\n" in texts(world)[0]


@pytest.mark.slow
@pytest.mark.parametrize("cut", range(1, 15))
def test_a_run_that_was_cut_anywhere_is_finished_by_the_next(deployed: Run, world: FakeWorld, cut: int) -> None:
    before = texts(world)
    world.engine_.tape.kill_at = len(world.writes) + cut
    with contextlib.suppress(Killed):
        deployed("migrate-ip", NEW)
    world.engine_.tape.kill_at = None
    host(world).locked = False

    assert deployed("migrate-ip", NEW).code == 0

    assert OLD not in texts(world)[1]
    assert f"SERVER_IP={NEW}\n" in texts(world)[0]
    assert deployed("up", "--plan", "--exit-code").code == 0
    assert deployed("migrate-ip", "--undo").code == 0
    assert texts(world) == before


def test_half_written_files_are_finished_or_taken_back_and_lead_nowhere_else(deployed: Run, world: FakeWorld) -> None:
    before = texts(world)
    assert deployed("migrate-ip", NEW).code == 0
    done = texts(world)
    journal = host(world).state["address-change.json"].replace('"finished": true', '"finished": false')

    for _ in range(2):  # cut between the two files
        host(world).state["address-change.json"] = journal
        (world.folder / "environments/production.toml").write_text(before[1], encoding="utf-8")
        elsewhere = deployed("migrate-ip", "10.9.9.9", "--json")
        assert (elsewhere.code, elsewhere.document["errors"][0]["code"]) == (6, "address_change_cut")
        assert deployed("migrate-ip", NEW).code == 0
        assert texts(world) == done
    host(world).state["address-change.json"] = journal
    (world.folder / "environments/production.toml").write_text(before[1], encoding="utf-8")
    assert deployed("migrate-ip", "--undo").code == 0
    assert texts(world) == before


def test_where_what_runs_cant_follow_the_files_go_back(deployed: Run, world: FakeWorld) -> None:
    before = texts(world)
    world.engine_.tape.fail["signal llmchat-production-edge"] = HostError("The disk is gone.")

    ran = deployed("migrate-ip", NEW)

    assert ran.code == 5
    assert "The files are as they were before." in ran.err
    assert texts(world) == before
    assert "address-change.json" not in host(world).state
    del world.engine_.tape.fail["signal llmchat-production-edge"]
    assert deployed("up", "--plan", "--exit-code").code == 10, "what the edge was about to load is taken back"
    assert deployed("up").code == 0
    assert f"http://{NEW}" not in world.engine_.read_folder("llmchat-production-edge", EDGE_FOLDER)["haproxy.cfg"]


def test_a_plan_shows_the_diff_and_changes_nothing(deployed: Run, world: FakeWorld) -> None:
    before, writes = texts(world), len(world.writes)

    ran = deployed("migrate-ip", NEW, "--plan", "--exit-code")
    document = deployed("migrate-ip", NEW, "--plan", "--json").document["data"]

    assert ran.code == 10
    assert f"   3 + server.api_url=http://{NEW}:8000" in ran.out
    assert (document["old"], document["new"], document["undo"]) == (OLD, NEW, False)
    assert [item["key"] for item in document["changes"]] == ["SERVER_IP", "OLD_SERVER_IPS", "server.api_url"]
    assert (texts(world), len(world.writes)) == (before, writes)


def test_a_kept_setting_stays(deployed: Run, world: FakeWorld) -> None:
    assert deployed("migrate-ip", NEW, "--keep", "server.api_url").code == 0

    assert texts(world)[1] == PROFILE


def test_old_addresses_add_up_and_end_when_told(deployed: Run, world: FakeWorld) -> None:
    assert deployed("migrate-ip", NEW).code == 0
    assert deployed("migrate-ip", "192.168.1.101").code == 0
    assert f"OLD_SERVER_IPS='{NEW} {OLD}'\n" in texts(world)[0]

    assert deployed("migrate-ip", "--forget-old").code == 0

    assert "OLD_SERVER_IPS" not in texts(world)[0]
    assert deployed("migrate-ip", "--forget-old").code == 0


def test_the_old_address_can_be_dropped_at_once(deployed: Run, world: FakeWorld) -> None:
    assert deployed("migrate-ip", NEW, "--drop-old").code == 0

    assert OLD not in "".join(texts(world))


def test_moving_to_where_it_is_does_nothing(deployed: Run, world: FakeWorld) -> None:
    writes = len(world.writes)

    ran = deployed("migrate-ip", OLD)

    assert (ran.code, ran.out) == (0, f"Nothing to do: production is at {OLD} already.\n")
    assert len(world.writes) == writes


def test_before_the_first_deploy_only_the_files_change(run: Run, world: FakeWorld) -> None:
    ran = run("migrate-ip", "2001:db8::7")

    assert ran.code == 0
    assert 'api_url = "http://[2001:db8::7]:8000"' in texts(world)[1]
    assert world.engine_.boxes == {}
    assert "llmchat-deploy up --env production" in ran.out


def test_another_environment_with_the_same_address_is_named(deployed: Run, world: FakeWorld) -> None:
    (world.folder / ".env.staging").write_text(f"SERVER_IP={OLD}\n", encoding="utf-8")

    ran = deployed("migrate-ip", NEW, "--env", "production")

    assert "'staging' has the address" in ran.err


def test_at_a_terminal_it_is_asked_about(deployed: Run, world: FakeWorld) -> None:
    world.interactive, world.answers = True, ["n"]
    before = texts(world)

    assert deployed("migrate-ip", NEW).code == 6
    assert texts(world) == before
