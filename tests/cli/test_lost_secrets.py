"""What was deployed keeps its SECRET_KEY: no command makes another one where the old one is gone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cli.conftest import FakeWorld, Run


def gone(text: str) -> str | None:
    return None


def without_the_key(text: str) -> str | None:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("SECRET_KEY="))


def with_an_empty_key(text: str) -> str | None:
    return f"{without_the_key(text)}SECRET_KEY=\n"


def change(world: FakeWorld, name: str, how: Callable[[str], str | None]) -> None:
    file = world.folder / f".env.{name}"
    text = how(file.read_text(encoding="utf-8"))
    file.unlink()
    if text is not None:
        file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("command", [("up", "--yes"), ("plan",), ("init",)], ids=" ".join)
@pytest.mark.parametrize("how", [gone, without_the_key, with_an_empty_key])
def test_a_lost_key_is_refused_and_nothing_is_written(
    deployed: Run, world: FakeWorld, how: Callable[[str], str | None], command: tuple[str, ...]
) -> None:
    change(world, "production", how)
    writes = len(world.writes)
    ran = deployed(*command, "--env", "production", "--json")
    assert ran.code == 6
    (error,) = ran.document["errors"]
    assert error["code"] == "secrets_missing"
    assert "restore" in error["hint"]
    assert "down --volumes --env production" in error["hint"]
    assert len(world.writes) == writes
    assert (world.folder / ".env.production").exists() is (how is not gone)


def test_no_key_is_generated_for_what_was_deployed_with_another(run: Run, world: FakeWorld) -> None:
    host = world.host("llmchat-development")
    assert run("up", "--env", "development").code == 0
    assert "SECRET_KEY" in host.env_files["development"]
    ran = run("up", "--env", "development", "--yes")  # the fake machine keeps env files elsewhere: here it is gone
    assert ran.code == 6
    assert "would log everybody out" in ran.err


def test_a_key_that_was_never_used_may_be_made_anew(run: Run, world: FakeWorld) -> None:
    change(world, "production", gone)
    assert run("init", "--env", "production").code == 0


def test_a_file_that_cannot_be_read_is_told_of_as_such(deployed: Run, world: FakeWorld) -> None:
    (world.folder / ".env.production").write_bytes(b"SECRET_KEY=\xff\xfe\n")
    assert deployed("up", "--env", "production", "--yes").code == 3
