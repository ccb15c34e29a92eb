from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.cli.conftest import Run

COMMANDS = [
    ("init",),
    ("config", "show"),
    ("config", "validate"),
    ("config", "render"),
    ("plan",),
    ("up",),
    ("restart",),
    ("down",),
    ("status",),
    ("health",),
    ("logs",),
    ("backup",),
    ("restore",),
    ("backup", "verify"),
    ("backup", "drill"),
    ("backup", "list"),
    ("backup", "show"),
    ("backup", "prune"),
    ("backup", "key", "create"),
    ("backup", "key", "check"),
    ("backup", "key", "show-recipient"),
    ("admin", "create"),
    ("admin", "reset-password"),
    ("admin", "list"),
]
GLOBAL = ("--env", "--json", "--yes", "--verbose", "--set")


def test_the_root_help(run: Run, snapshot: SnapshotAssertion) -> None:
    assert run("--help").out == snapshot


@pytest.mark.parametrize("arguments", [(), ("config",), ("admin",)], ids=" ".join)
def test_no_command_shows_help(run: Run, arguments: tuple[str, ...]) -> None:
    ran = run(*arguments)
    assert ran.code == 0
    assert "Usage: llmchat-deploy" in ran.out


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_with_examples(run: Run, command: tuple[str, ...]) -> None:
    ran = run(*command, "--help")
    assert ran.code == 0
    assert f"Usage: llmchat-deploy {' '.join(command)} " in ran.out
    assert f"llmchat-deploy {' '.join(command)} --env" in ran.out.split("Examples:")[1]
    assert all(option in ran.out for option in GLOBAL)
    assert run(*command, "-h").out == ran.out


def test_help_lists_every_command(run: Run) -> None:
    out = run("--help").out
    assert all(f"  {command[0]} " in out for command in COMMANDS)


@pytest.mark.parametrize(
    "group", [(), ("config",), ("backup",), ("backup", "key"), ("cert",), ("admin",)], ids=" ".join
)
def test_no_summary_is_cut_off(run: Run, group: tuple[str, ...]) -> None:
    summaries = run(*group, "--help").out.split("Options:")[0].splitlines()[1:]
    assert not [line for line in summaries if line.endswith("...")]
