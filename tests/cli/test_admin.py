from __future__ import annotations

from pathlib import Path

from llmchat_deploy.errors import HostError
from tests.cli.conftest import FakeWorld, Run

DATA = "llmchat-production_backend-db"


def test_a_made_password_is_shown_once(deployed: Run, world: FakeWorld) -> None:
    ran = deployed("admin", "create", "--username", "li")
    assert ran.code == 0
    password = world.engine_.admins[DATA]["li"]
    assert (ran.out + ran.err).count(password) == 1


def test_json_names_a_file_instead(deployed: Run, world: FakeWorld) -> None:
    ran = deployed("admin", "reset-password", "-u", "admin", "--json")
    password = world.engine_.admins[DATA]["admin"]
    assert password not in ran.out + ran.err
    host, path = world.host("llmchat-production"), Path(ran.document["data"]["password_file"])
    assert host.state[path.name] == f"{password}\n"
    assert host.modes[path.name] == 0o600


def test_a_password_from_standard_input_is_taken_as_it_is_and_never_shown(deployed: Run, world: FakeWorld) -> None:
    world.stdin = " pa$$ wörd #1 \r\n"
    for more in ((), ("--json",)):
        ran = deployed("admin", "reset-password", "-u", "admin", "--password-stdin", *more)
        assert ran.code == 0
        assert world.engine_.admins[DATA]["admin"] == " pa$$ wörd #1 "
        assert "wörd" not in ran.out + ran.err


def test_a_refusal_is_6_in_the_backends_words(deployed: Run) -> None:
    ran = deployed("admin", "create", "--username", "admin")
    assert ran.code == 6
    assert "There is a user 'admin' already." in ran.err
    assert ran.err.rstrip().endswith("llmchat-deploy admin reset-password --username admin --env production")


def test_an_unknown_account_comes_with_where_they_are_listed(deployed: Run) -> None:
    ran = deployed("admin", "reset-password", "-u", "nobody")
    assert ran.code == 6
    assert ran.err.rstrip().endswith("llmchat-deploy admin list --env production")


def test_the_list(deployed: Run) -> None:
    ran = deployed("admin", "list")
    assert ran.out.splitlines()[0].split() == ["NAME", "STATE", "LAST", "LOG-IN", "PASSWORD", "CREATED"]
    assert ran.out.splitlines()[1].startswith("admin   active   never")


def test_nothing_is_left_in_arguments(deployed: Run, world: FakeWorld) -> None:
    deployed("admin", "create", "--username", "li")
    password = world.engine_.admins[DATA]["li"]
    assert not any(password in write for write in world.writes)


def test_a_password_that_cant_be_kept_is_told_of_with_the_way_out(deployed: Run, world: FakeWorld) -> None:
    world.engine_.tape.fail["write password-li"] = HostError("The disk is full.")
    error = deployed("admin", "create", "-u", "li", "--json").document["errors"][0]
    assert error["message"] == "The account 'li' is set, but its password couldn't be kept: The disk is full."
    assert error["hint"].endswith("admin reset-password --env production --username li")
