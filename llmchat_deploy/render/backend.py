"""What the backend is told: variables in its Compose file, keys in files of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping

from llmchat_deploy.config.chat_model import BUNDLED_MODEL, ChatModel, PresetModel
from llmchat_deploy.config.model import Environment
from llmchat_deploy.render.release import RenderedFile
from llmchat_deploy.secret import Secret


def default_model(environment: Environment) -> ChatModel:
    """Return the model that answers unless a user chooses another."""
    return BUNDLED_MODEL if environment.models.bundled else environment.models.default


def backend_variables(environment: Environment) -> Mapping[str, str]:
    """Return the backend's settings by variable name; nothing secret is among them."""
    model = default_model(environment)
    presets = {name: _preset(preset) for name, preset in environment.models.presets.items()}
    return {
        "LLM_API_URL": model.url,
        "LLM_MODEL": model.name,
        "LLM_LABEL": model.label,
        "LLM_VISION": "true" if model.vision else "false",
        "PRESET_MODELS": _json(presets),
        "LLM_IDLE_TIMEOUT_SECONDS": str(environment.models.idle_timeout),
        "TITLES": "model" if environment.models.titles and not environment.models.bundled else "first-line",
        "ACCESS_TOKEN_EXPIRE_MINUTES": str(environment.auth.token_minutes),
        "REGISTRATION": environment.auth.registration,
        "LIMITS": _json(_limits(environment)),
        "PUBLIC_SCHEME": "auto",
        "LOG_LEVEL": "info",
    }


def _preset(preset: PresetModel) -> Mapping[str, object]:
    shown = {"name": preset.label or preset.name, "url": preset.url, "model": preset.name, "vision": preset.vision}
    # Not said where it is as it always was: a backend of before that doesn't know the field.
    return shown if preset.visible_to == "everyone" else {**shown, "visible_to": preset.visible_to}


def _limits(environment: Environment) -> Mapping[str, Mapping[str, int]]:
    limits = environment.limits
    return {
        "user": {
            "messages_per_minute": limits.messages_per_minute,
            "streams": limits.streams,
            "tokens_per_day": limits.tokens_per_day,
        },
        "admin": {
            "messages_per_minute": limits.admin_messages_per_minute,
            "streams": limits.admin_streams,
            "tokens_per_day": limits.admin_tokens_per_day,
        },
    }


def backend_keys(environment: Environment) -> tuple[RenderedFile, ...]:
    """Return the files of the backend's key volume; their digests are keyed with SECRET_KEY."""
    preset_keys = {name: preset.key.reveal() for name, preset in environment.models.presets.items()}
    contents = {
        "SECRET_KEY": environment.secret_key,
        **({"SECRET_KEY_PREVIOUS": environment.previous_secret_key} if environment.previous_secret_key else {}),
        "LLM_API_KEY": default_model(environment).key,
        "PRESET_MODEL_KEYS": Secret(_json(preset_keys)),
    }
    return tuple(
        RenderedFile(path=name, content=content, mode=0o400, digest=content.fingerprint(environment.secret_key))
        for name, content in contents.items()
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
