"""Secrets from the files of the secrets volume, byte for byte.

pydantic-settings' `secrets_dir` strips what it reads and lets an environment variable of the same name win; a key must
arrive exactly as it was written and never by the environment, so the files are read here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import SecretStr

from llmchat_backend.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MIN_SECRET_KEY_BYTES = 32  # RFC 7518, section 3.2: an HS256 key is at least as long as its hash


@dataclass(frozen=True, slots=True)
class Secrets:
    """Everything that must not be seen; `ca_file` is merely kept beside the keys."""

    secret_key: SecretStr
    previous_secret_key: SecretStr | None
    llm_api_key: SecretStr
    preset_model_keys: Mapping[str, SecretStr]
    ca_file: Path | None


def load_secrets(folder: Path) -> Secrets:
    """Read the secret files; raise ConfigurationError, which never quotes a value, when one can't be used."""
    secret_key = _read_signing_key(folder / "SECRET_KEY")
    previous = folder / "SECRET_KEY_PREVIOUS"
    ca_file = folder / "ca.crt"
    return Secrets(
        secret_key=secret_key,
        previous_secret_key=_read_signing_key(previous) if _read(previous, default="") else None,
        llm_api_key=SecretStr(_read(folder / "LLM_API_KEY", default="")),
        preset_model_keys=_read_keys(folder / "PRESET_MODEL_KEYS"),
        ca_file=ca_file if ca_file.is_file() else None,
    )


def _read_signing_key(path: Path) -> SecretStr:
    key = _read(path)
    if len(key.encode()) < MIN_SECRET_KEY_BYTES:
        raise ConfigurationError(f"{path} needs at least {MIN_SECRET_KEY_BYTES} bytes")
    return SecretStr(key)


def _read(path: Path, *, default: str | None = None) -> str:
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        if default is not None:
            return default
        raise ConfigurationError(f"{path} is missing") from None
    except OSError as error:
        raise ConfigurationError(f"{path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is not UTF-8 text") from None


def _read_keys(path: Path) -> dict[str, SecretStr]:
    text = _read(path, default="")
    try:
        keys = json.loads(text) if text.strip() else {}
    except ValueError:
        raise ConfigurationError(f"{path} is not JSON") from None
    if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys.values()):
        raise ConfigurationError(f"{path} must be a JSON object of model id to key")
    return {model_id: SecretStr(key) for model_id, key in keys.items()}
