"""What the scheduled backups are told: one JSON file that only their container reads (``llmchat-archive serve``)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from llmchat_deploy import __version__
from llmchat_deploy.config.dump import profile_text, secrets_text
from llmchat_deploy.config.model import Backup, Environment, Remote
from llmchat_deploy.config.schedule import parse_span
from llmchat_deploy.render.places import Places
from llmchat_deploy.render.release import RenderedFile
from llmchat_deploy.secret import Secret

CONFIG = "backup.json"
DATABASE = "llmchat.db"
INSIDE = {"data": "/app/db", "backups": "/backups", "scratch": "/scratch", "lock": "/run/llmchat-lock"}
"""Where the container finds its volumes and folders."""


def backup_files(
    environment: Environment, places: Places, *, image: str, release: Mapping[str, str] | None
) -> tuple[RenderedFile, ...]:
    """Return the files of the container with the scheduled backups."""
    text = Secret(json.dumps(_settings(environment, places, image, release), ensure_ascii=False, sort_keys=True))
    digest = text.fingerprint(environment.secret_key)
    return (RenderedFile(path=CONFIG, content=text, mode=0o400, digest=digest),)


def _settings(
    environment: Environment, places: Places, image: str, release: Mapping[str, str] | None
) -> dict[str, Any]:
    backup = environment.backup
    return {
        "project": environment.project,
        "environment": environment.name,
        "recipients": list(backup.keys),
        "release": release,
        "config": backup_config(environment, reveal=True),
        "versions": {"tool": __version__, "image": image},
        "schedule": backup.schedule,
        "timezone": backup.timezone or places.timezone,
        "drill_every": backup.drill_every,
        "policy": policy(backup),
        "webhook": backup.webhook.reveal(),
        "ping": backup.ping.reveal(),
        "remotes": {name: remote_settings(remote, reveal=True) for name, remote in backup.remotes.items()},
        "database": DATABASE,
        **INSIDE,
    }


def backup_config(environment: Environment, *, reveal: bool = False) -> dict[str, Any] | None:
    """Return what travels in a backup, so that it rebuilds the environment; nothing where it isn't encrypted."""
    if not environment.backup.keys:
        return None
    secrets = secrets_text(environment)
    return {f"{environment.name}.toml": profile_text(environment), "env": secrets.reveal() if reveal else secrets}


def policy(backup: Backup) -> dict[str, int]:
    """Return which backups stay, as jobs are told; ``within`` in seconds."""
    return {
        "last": backup.keep_last,
        "hourly": backup.keep_hourly,
        "daily": backup.keep_daily,
        "weekly": backup.keep_weekly,
        "monthly": backup.keep_monthly,
        "yearly": backup.keep_yearly,
        "within": parse_span(backup.keep_within) or 0,
    }


def remote_settings(remote: Remote, *, reveal: bool = False) -> dict[str, Any]:
    """Return a remote as jobs are told; its secrets stay hidden unless they are to be written down."""
    fields = {name: getattr(remote, name) for name in type(remote).model_fields}
    return {
        name: value.reveal() if reveal and isinstance(value, Secret) else value
        for name, value in fields.items()
        if value
    }
