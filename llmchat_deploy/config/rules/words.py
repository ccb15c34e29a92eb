"""Names and amounts whose notation others set: Docker, Compose, the backend."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmchat_deploy.config.rules.common import apply
from llmchat_deploy.config.wrong import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmchat_deploy.config.draft import Draft
    from llmchat_deploy.errors import Problem

PROJECT = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}")
"""Compose's rule for project names, with room for the suffixes that services and slots add."""
MAX_ADMIN = 64
MEMORY = re.compile(r"([1-9][0-9]{0,14})([bkmg])", re.IGNORECASE)
UNITS = {"b": 1, "k": 2**10, "m": 2**20, "g": 2**30}
LEAST_MEMORY = 32 * 2**20


def check_words(draft: Draft) -> Iterator[Problem]:
    """Yield what is wrong with names and amounts."""
    yield from apply(draft.setting("project"), _check_project)
    yield from apply(draft.setting("auth", "admin"), _check_admin)
    for setting in draft:
        if setting.path[0] == "resources":
            yield from apply(setting, _check_memory)


def _check_project(text: str) -> Wrong | None:
    if PROJECT.fullmatch(text):
        return None
    hint = (
        "Use small letters, digits, '-' and '_', start with a letter or digit, at most 41, such as llmchat-production."
    )
    return Wrong(f"{text!r} is no project name", hint)


def _check_admin(text: str) -> Wrong | None:
    """Hold the name to what the backend accepts (``llmchat_backend.auth.accounts``), and out of the way of options."""
    if 1 <= len(text) <= MAX_ADMIN and text == text.strip() and text.isprintable() and not text.startswith("-"):
        return None
    hint = f"Use 1 to {MAX_ADMIN} characters, no space around them and no '-' before them, such as admin."
    return Wrong(f"{text!r} is no user name", hint)


def _check_memory(text: str) -> Wrong | None:
    match = MEMORY.fullmatch(text)
    if not match:
        return Wrong(f"{text!r} is no amount of memory", "Write a whole number and a unit: 512m or 2g.")
    if int(match[1]) * UNITS[match[2].lower()] < LEAST_MEMORY:
        return Wrong(f"{text!r} is too little to start with", "Write at least 32m.")
    return None
