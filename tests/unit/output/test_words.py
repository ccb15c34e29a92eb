"""Numbers as people say them, and our own commands as they type them."""

from __future__ import annotations

import pytest

from llmchat_deploy.errors import DeployError, Problem
from llmchat_deploy.output.plan_view import show_plan
from llmchat_deploy.output.screen import Screen
from llmchat_deploy.output.words import TYPED, as_typed, folded, since
from llmchat_deploy.plan.plan import Plan


def test_since_when_and_how_long_that_is() -> None:
    assert since("2026-11-25T10:00:00+00:00", 1_795_600_800.0 + 4 * 3600) == "since 2026-11-25 10:00:00 UTC (4 h)"
    assert since("yesterday", 0) == "since yesterday"


@pytest.mark.parametrize(
    ("said", "folds"),
    [
        ("This restarts it. Go on? [y/N] ", "This restarts it. Go\non? [y/N] "),
        ("Name?\n  Write the one of its server\n> ", "Name?\n  Write the one of\n  its server\n> "),
        ("See http://127.0.0.1:11553/v1/chat", "See\nhttp://127.0.0.1:11553/v1/chat"),
        ("First\n\nsecond", "First\n\nsecond"),
        ("Remove 王小明的模型 now? [y/N] ", "Remove 王小明的模型\nnow? [y/N] "),
    ],
)
def test_lines_break_between_words_and_what_is_typed_keeps_its_space(said: str, folds: str) -> None:
    assert folded(said, 20) == folds
    assert folded(said, 0) == said


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ("llmchat-deploy up --env production finishes it.", "./llmchat-deploy up --env production finishes it."),
        ("Run again (llmchat-deploy restore).", "Run again (./llmchat-deploy restore)."),
        ("llmchat-deploy --help", "./llmchat-deploy --help"),
        ("./llmchat-deploy setup installs it.", "./llmchat-deploy setup installs it."),
        ("llmchat-deploy lock status; llmchat-deploy up", "./llmchat-deploy lock status; ./llmchat-deploy up"),
        ("Update llmchat-deploy, then restore.", "Update llmchat-deploy, then restore."),
        ("This is a bug in llmchat-deploy: KeyError", "This is a bug in llmchat-deploy: KeyError"),
        ("/srv/llmchat-deploy is full", "/srv/llmchat-deploy is full"),
    ],
)
def test_commands_in_a_clone_are_said_as_they_work_there(
    said: str, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert as_typed(said) == said
    monkeypatch.setenv(TYPED, "./llmchat-deploy")
    assert as_typed(said) == typed


def test_the_folder_of_a_clone_may_have_any_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TYPED, r"/srv/our\ chat\1/llmchat-deploy")
    assert as_typed("llmchat-deploy up") == r"/srv/our\ chat\1/llmchat-deploy up"


def test_a_screen_says_none_but_such_commands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(TYPED, "./here")
    screen = Screen()
    screen.warn("Run llmchat-deploy up (warning).")
    screen.advise("llmchat-deploy up (advice)")
    screen.next_steps(("llmchat-deploy up (next step)",))
    screen.error(DeployError("Run llmchat-deploy up (message).", hint="Run llmchat-deploy up (hint)."))
    problem = Problem(".env", "KEY", "Run llmchat-deploy up (problem).", "Run llmchat-deploy up (remedy).")
    screen.show_problems((problem,))
    show_plan(screen, Plan("x", "llmchat-x", notes=("llmchat-deploy restore --undo goes back (note).",)))
    said = "".join(capsys.readouterr())
    for thing in ("warning", "advice", "next step", "message", "hint", "problem", "remedy", "note"):
        assert f"({thing})" in said
    assert "llmchat-deploy" not in said
    assert said.count("./here") == said.count("(")
