"""Addresses that can't be moved to or from are told at once, and nothing is lost."""

from __future__ import annotations

import pytest

from tests.cli.conftest import FakeWorld, Run
from tests.cli.test_migrate_ip import NEW, OLD, _two_places, host, texts

__all__ = ["_two_places"]


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (("not an address",), "bad_address", 3),
        (("http://10.0.0.1:8000",), "bad_address", 3),
        (("300.1.1.1",), "bad_address", 3),
        (("YOUR_SERVER_IP",), "bad_address", 3),
        (("0.0.0.0",), "bad_address", 3),  # noqa: S104 - it is refused
        ((NEW, "--from", NEW), "bad_address", 3),
        ((NEW, "--from", "127.0.0.1"), "bad_address", 3),
        ((NEW, "--from", "10.7.7.7"), "address_not_found", 3),
        (("--undo",), "nothing_to_undo", 6),
        ((), "usage", 2),
        ((NEW, "--undo"), "usage", 2),
    ],
)
def test_what_cant_be_done_is_refused_and_loses_nothing(
    deployed: Run, world: FakeWorld, arguments: tuple[str, ...], code: str, exit_code: int
) -> None:
    before = texts(world)

    ran = deployed("migrate-ip", *arguments, "--json")

    assert (ran.code, ran.document["errors"][0]["code"]) == (exit_code, code)
    assert texts(world) == before


def test_an_old_address_that_is_nowhere_is_named_with_the_files(deployed: Run) -> None:
    ran = deployed("migrate-ip", NEW, "--from", "10.7.7.7")

    assert "10.7.7.7 stands in none of .env.production and environments/production.toml" in ran.err
    assert f"--from {OLD}" in ran.err


def test_a_shared_profile_is_not_touched(deployed: Run, world: FakeWorld) -> None:
    base = world.folder / "environments/base.toml"
    base.write_text(f'[build]\nno_proxy = "{OLD}"\n', encoding="utf-8")

    ran = deployed("migrate-ip", NEW)

    assert ran.code == 6
    assert "environments/base.toml:2 (build.no_proxy)" in ran.err


def test_an_address_that_is_elsewhere_is_a_warning(deployed: Run, world: FakeWorld) -> None:
    host(world).http["http://10.9.9.9:3000/auth"] = 0

    ran = deployed("migrate-ip", "10.9.9.9")

    assert ran.code == 0
    assert "No interface of this machine has 10.9.9.9" in ran.err
    assert "ask from where your users are" in ran.err


def test_an_address_of_this_machine_must_answer(deployed: Run, world: FakeWorld) -> None:
    host(world).http[f"http://{NEW}:3000/auth"] = 502

    ran = deployed("migrate-ip", NEW)

    assert ran.code == 9
    assert "answers 502" in ran.err
    assert "migrate-ip --undo" in ran.out


def test_a_name_that_doesnt_resolve_yet_is_a_warning(deployed: Run) -> None:
    ran = deployed("migrate-ip", "chat.example.com")

    assert ran.code == 0
    assert "doesn't resolve yet" in ran.err


def test_listening_on_an_address_that_isnt_there_is_refused(deployed: Run, world: FakeWorld) -> None:
    file = world.folder / ".env.production"
    file.write_text(file.read_text(encoding="utf-8") + f"HOST={OLD}\n", encoding="utf-8")

    ran = deployed("migrate-ip", "10.9.9.9")

    assert ran.code == 6
    assert "--keep HOST" in ran.err


def test_a_name_to_listen_on_is_refused_as_in_any_configuration(deployed: Run, world: FakeWorld) -> None:
    file = world.folder / ".env.production"
    file.write_text(file.read_text(encoding="utf-8") + f"HOST={OLD}\n", encoding="utf-8")

    ran = deployed("migrate-ip", "chat.example.com", "--json")

    assert ran.code == 3
    assert ran.document["errors"][0]["problems"][0]["key"] == "HOST"
