"""The variables of an env file: the guide's names and what they set."""

from __future__ import annotations

import re

from llmchat_deploy.config.schema import PRESETS, REMOTES, Path

SECRET_KEY = "SECRET_KEY"  # noqa: S105 - a name, not a value
SECRET_KEY_PREVIOUS = "SECRET_KEY_PREVIOUS"  # noqa: S105
LLM_API_KEY = "LLM_API_KEY"
PRESET_MODELS = "PRESET_MODELS"
PRESET_KEY_PREFIX = "LLM_API_KEY_"
REMOTE_PREFIX = "BACKUP_REMOTE_"
REMOTE_SECRETS = ("access_key", "secret_key", "password", "private_key")
"""The fields of a remote for backups that only an env file may hold."""

VARIABLES: dict[str, Path] = {
    "SERVER_IP": ("server", "address"),
    "OLD_SERVER_IPS": ("server", "old_addresses"),
    "SERVER_DOMAIN": ("server", "domain"),
    "HOST": ("server", "bind"),
    "PORT": ("server", "api_port"),
    "FRONTEND_PORT": ("server", "web_port"),
    "NEXT_PUBLIC_API_URL": ("server", "api_url"),
    "PUBLIC_URL": ("server", "web_url"),
    "TRUSTED_PROXIES": ("server", "trusted_proxies"),
    "LLM_API_URL": ("models", "default", "url"),
    "LLM_MODEL": ("models", "default", "name"),
    "LLM_LABEL": ("models", "default", "label"),
    LLM_API_KEY: ("models", "default", "key"),
    SECRET_KEY: ("secret_key",),
    SECRET_KEY_PREVIOUS: ("previous_secret_key",),
    "ACCESS_TOKEN_EXPIRE_MINUTES": ("auth", "token_minutes"),
    "REGISTRATION": ("auth", "registration"),
    "ACME_DNS_CREDENTIALS": ("tls", "dns_credentials"),
    "BACKUP_SCHEDULE": ("backup", "schedule"),
    "BACKUP_RECIPIENTS": ("backup", "recipients"),
    "BACKUP_WEBHOOK_URL": ("backup", "webhook"),
    "BACKUP_PING_URL": ("backup", "ping"),
    "HTTP_PROXY": ("build", "http_proxy"),
    "HTTPS_PROXY": ("build", "https_proxy"),
    "NO_PROXY": ("build", "no_proxy"),
}

PRESET_FIELDS = {
    "name": "label",
    "url": "url",
    "model": "name",
    "key": "key",
    "vision": "vision",
    "visible_to": "visible_to",
}
"""The guide's words for a preset model's fields and what they set."""

_BY_PATH = {path: name for name, path in VARIABLES.items()}


def preset_key_variable(preset: str) -> str:
    """Return the variable that holds a preset's key, such as ``LLM_API_KEY_GLM``."""
    return PRESET_KEY_PREFIX + re.sub(r"[^A-Za-z0-9]", "_", preset).upper()


def remote_variable(remote: str, field: str) -> str:
    """Return the variable of a remote's secret, such as ``BACKUP_REMOTE_OFFSITE_PASSWORD``."""
    return f"{REMOTE_PREFIX}{remote.replace('-', '_')}_{field}".upper()


def variable_of(path: Path) -> str:
    """Return the variable that sets ``path``, empty where only a profile can."""
    if path[:2] == PRESETS and path[-1] == "key":
        return preset_key_variable(path[2])
    if path[:2] == REMOTES and path[-1] in REMOTE_SECRETS:
        return remote_variable(path[2], path[-1])
    return _BY_PATH.get(path, "")
