"""Secrets: there, one's own, and hard to guess."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmchat_deploy.config import strength
from llmchat_deploy.config.rules.common import missing
from llmchat_deploy.config.schema import DEFAULT_MODEL, PRESETS, Path
from llmchat_deploy.config.variables import LLM_API_KEY, SECRET_KEY, preset_key_variable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmchat_deploy.config.draft import Draft, Setting
    from llmchat_deploy.errors import Problem
    from llmchat_deploy.secret import Secret

PLACEHOLDER = "is a placeholder or a value printed in the guide, which everybody knows"


def check_secrets(draft: Draft, environment: str) -> Iterator[Problem]:
    """Yield what is wrong with the secrets, without ever repeating one."""
    placeholders_allowed = draft.switch("placeholders_allowed")
    yield from _check_secret_key(draft, environment, placeholders_allowed=placeholders_allowed)
    yield from _check_previous_key(draft, placeholders_allowed=placeholders_allowed)
    if placeholders_allowed:
        return
    if not draft.uses_bundled:
        yield from _check_api_key(draft, (*DEFAULT_MODEL, "key"), environment, LLM_API_KEY)
    for preset in draft.presets():
        yield from _check_api_key(draft, (*PRESETS, preset, "key"), environment, preset_key_variable(preset))


def _check_secret_key(draft: Draft, environment: str, *, placeholders_allowed: bool) -> Iterator[Problem]:
    setting, secret = draft.setting("secret_key"), draft.secret("secret_key")
    if not setting or not secret:
        if not draft.switch("generate_secrets"):
            hint = f"Let it be generated: llmchat-deploy init --env {environment}"
            yield from missing(draft, ("secret_key",), environment, SECRET_KEY, hint)
        return
    yield from _check_signing_key(setting, secret, strength.NEW_KEY_HINT, placeholders_allowed=placeholders_allowed)


def _check_previous_key(draft: Draft, *, placeholders_allowed: bool) -> Iterator[Problem]:
    """Hold the key before the present one to the same: whoever knows it can sign log-ins, too."""
    setting, secret = draft.setting("previous_secret_key"), draft.secret("previous_secret_key")
    if setting and secret:
        hint = "Write the SECRET_KEY that ran until now, or remove the line."
        yield from _check_signing_key(setting, secret, hint, placeholders_allowed=placeholders_allowed)


def _check_signing_key(setting: Setting, secret: Secret, hint: str, *, placeholders_allowed: bool) -> Iterator[Problem]:
    if not placeholders_allowed and strength.is_placeholder(secret):
        yield setting.problem(PLACEHOLDER, hint)
    elif (wrong := strength.check_length(secret)) or (
        not placeholders_allowed and (wrong := strength.check_guessable(secret))
    ):
        yield setting.problem(wrong.message, hint)


def _check_api_key(draft: Draft, path: Path, environment: str, variable: str) -> Iterator[Problem]:
    setting, secret = draft.setting(*path), draft.secret(*path)
    if not setting or secret is None:
        hint = f"Write the model server's key: {variable}=... (nothing after the '=' if it needs none)."
        yield from missing(draft, path, environment, variable, hint)
    elif strength.is_placeholder(secret):
        hint = "Write the model server's own key (nothing after the '=' if it needs none)."
        yield setting.problem(PLACEHOLDER, hint)
