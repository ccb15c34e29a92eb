from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import FakeWorld, Run


def key_of(world: FakeWorld) -> str:
    return (world.folder / ".backup-key.production").read_text(encoding="utf-8").splitlines()[-1]


@pytest.fixture
def terminal(world: FakeWorld) -> FakeWorld:
    world.interactive = True
    return world


def test_the_key_is_shown_at_a_terminal_once_and_typed_back(run: Run, terminal: FakeWorld) -> None:
    terminal.answers = ["nope", "also"]

    def last_four(question: str, *, hidden: bool = False) -> str:
        terminal.questions.append(question)
        return terminal.answers.pop(0) if terminal.answers else key_of(terminal)[-4:].lower()

    terminal.ask = last_four  # type: ignore[method-assign] - the person reads the key off the screen
    ran = run("backup", "key", "create")
    assert ran.code == 0
    assert (ran.out + ran.err).count(key_of(terminal)) == 1
    assert len(terminal.questions) == 3
    assert "copy" not in ran.err.split("now:")[1]
    assert "off this machine" in ran.out


def test_a_key_that_nobody_copied_gets_a_warning(run: Run, terminal: FakeWorld) -> None:
    terminal.answers = [EOFError()]
    ran = run("backup", "key", "create")
    assert ran.code == 0
    assert "Warning: Nobody has said that there is a copy" in ran.err


def test_a_key_whose_question_is_interrupted_is_made_and_not_to_be_made_again(run: Run, terminal: FakeWorld) -> None:
    terminal.answers = [KeyboardInterrupt()]
    ran = run("backup", "key", "create")
    assert ran.code == 130
    assert "The key is made: " in ran.err
    assert ".backup-key.production" in ran.err
    assert "Run the same command again" not in ran.err


@pytest.mark.parametrize("options", [(), ("--yes",), ("--json",)])
def test_without_a_terminal_only_the_files_path_is_shown(run: Run, world: FakeWorld, options: tuple[str, ...]) -> None:
    ran = run("backup", "key", "create", *options)
    assert ran.code == 0
    assert key_of(world) not in ran.out + ran.err
    assert str(Path(world.folder) / ".backup-key.production") in ran.out
    assert not world.questions
    assert ("copy of the key" in ran.err) is (options == ())


def test_json_warns_in_the_document(run: Run) -> None:
    document = run("backup", "key", "create", "--json").document
    assert document["data"]["key"] == "***"
    assert "copy of the key" in document["warnings"][0]


def test_a_second_key_is_refused_with_6(run: Run) -> None:
    assert run("backup", "key", "create", "--yes").code == 0
    ran = run("backup", "key", "create", "--yes")
    assert ran.code == 6
    assert "never overwritten" in ran.err


def test_the_recipient_is_all_that_show_recipient_prints(run: Run, world: FakeWorld) -> None:
    run("backup", "key", "create", "--yes")
    ran = run("backup", "key", "show-recipient")
    assert ran.out.startswith("age1")
    assert ran.out.count("\n") == 1
    assert f"BACKUP_RECIPIENTS={ran.out}" in (world.folder / ".env.production").read_text(encoding="utf-8")
