"""Numbers as people say them, and our own commands as they type them."""

from __future__ import annotations

import pytest

from llmchat_deploy.output.words import TYPED, as_typed, since


def test_since_when_and_how_long_that_is() -> None:
    assert since("2026-11-25T10:00:00+00:00", 1_795_600_800.0 + 4 * 3600) == "since 2026-11-25 10:00:00 UTC (4 h)"
    assert since("yesterday", 0) == "since yesterday"


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
