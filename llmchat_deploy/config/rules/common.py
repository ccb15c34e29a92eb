"""What rules share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmchat_deploy.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from llmchat_deploy.config.draft import Draft, Setting
    from llmchat_deploy.config.schema import Path
    from llmchat_deploy.config.wrong import Wrong

MISSING = "is missing"
EMPTY = "is empty"
GAPS = frozenset({MISSING, EMPTY})
"""The messages of problems that a value solves; ``init`` asks for those."""


def apply(setting: Setting | None, rule: Callable[[str], Wrong | None]) -> Iterator[Problem]:
    """Yield what a rule for texts finds wrong with a setting, if any layer says something."""
    if setting and (wrong := rule(str(setting.value))):
        yield setting.problem(wrong.message, wrong.hint)


def missing(draft: Draft, path: Path, environment: str, variable: str, hint: str) -> Iterator[Problem]:
    """Yield that a setting has no value; nothing where a layer names it wrongly, which has been told already."""
    if draft.is_broken(*path):
        return
    setting = draft.setting(*path)
    yield setting.problem(EMPTY, hint) if setting else Problem(f".env.{environment}", variable, MISSING, hint)
