"""How backups are made, for whom they are readable, and how long they are kept."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from llmchat_deploy.config.addresses import check_url
from llmchat_deploy.config.rules.common import apply
from llmchat_deploy.config.rules.remotes import check_remotes
from llmchat_deploy.config.schedule import parse_schedule, parse_span
from llmchat_deploy.config.wrong import Wrong
from llmchat_deploy.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmchat_deploy.config.draft import Draft
    from llmchat_deploy.config.sources import Sources

KEPT = ("keep_last", "keep_hourly", "keep_daily", "keep_weekly", "keep_monthly", "keep_yearly")
SECRET_KEY_PREFIX = "AGE-SECRET-KEY-"  # noqa: S105 - what a private key of age begins with (c2sp.org/age)
WEBHOOKS = {"webhook": "BACKUP_WEBHOOK_URL", "ping": "BACKUP_PING_URL"}


def check_backup(draft: Draft, environment: str, sources: Sources) -> Iterator[Problem]:
    """Yield what is wrong with the settings of backups."""
    if draft.text("backup", "recipients").strip():
        yield from apply(draft.setting("backup", "recipients"), _check_recipients)
    else:
        yield from _check_encryption(draft, environment)
    for key, rule in (
        ("folder", _check_folder),
        ("schedule", _check_schedule),
        ("timezone", _check_timezone),
        ("keep_within", _check_within),
    ):
        if draft.text("backup", key):
            yield from apply(draft.setting("backup", key), rule)
    yield from _check_policy(draft)
    yield from _check_urls(draft)
    yield from check_remotes(draft, environment, sources)


def _check_encryption(draft: Draft, environment: str) -> Iterator[Problem]:
    setting = draft.setting("backup", "encryption")
    if setting and setting.value == "on" and not draft.is_broken("backup", "recipients"):
        hint = f"Make a key: llmchat-deploy backup key create --env {environment}"
        yield setting.problem("is on, but there is no key to encrypt to (backup.recipients)", hint)


def _check_recipients(text: str) -> Wrong | None:
    # Imported here: only an environment with encrypted backups pays for it.
    from pyrage import RecipientError, x25519  # type: ignore[import-untyped]  # noqa: PLC0415

    for word in text.replace(",", " ").split():
        if word.upper().startswith(SECRET_KEY_PREFIX):
            hint = "Here stands the public key (age1...). Everybody who reads this can open backups: make a new key."
            return Wrong("holds a private key", hint)
        try:
            x25519.Recipient.from_str(word)
        except RecipientError:
            hint = "A public key of age begins with age1 and has 62 characters; is one cut off or mistyped?"
            return Wrong(f"{word[:70]!r} is no public key", hint)
    return None


def _check_folder(text: str) -> Wrong | None:
    path = PurePosixPath(text)
    if not path.is_absolute():
        return Wrong(f"{text!r} is no absolute path", "Write it from the root: /srv/backups/chat")
    if path == PurePosixPath("/") or ".." in path.parts or str(path) != text.rstrip("/"):
        return Wrong(f"{text!r} is no folder of its own", "Write its shortest path: /srv/backups/chat")
    if not text.isprintable() or set(text) & set(",\"'\\$"):
        return Wrong("holds a character that Docker or Compose reads in its own way", "Leave out , \" ' \\ and $.")
    return None


def _check_schedule(text: str) -> Wrong | None:
    schedule = parse_schedule(text)
    return schedule if isinstance(schedule, Wrong) else None


def _check_timezone(text: str) -> Wrong | None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones  # noqa: PLC0415 - seldom needed

    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        if available_timezones():  # else this machine knows none, and the container may
            return Wrong(f"{text!r} is no time zone", "Write its name, such as Asia/Shanghai or Europe/Berlin, or UTC.")
    return None


def _check_within(text: str) -> Wrong | None:
    if parse_span(text) is None:
        return Wrong(f"{text!r} is no time span", "Write a whole number and h, d or w: 14d")
    return None


def _check_policy(draft: Draft) -> Iterator[Problem]:
    if draft.text("backup", "keep_within") or any(draft.number("backup", key) for key in KEPT):
        return
    written = next((setting for key in KEPT if (setting := draft.setting("backup", key))), None)
    if written and not any(draft.is_broken("backup", key) for key in (*KEPT, "keep_within")):
        yield written.problem("keeps no backup at all, like every other keep_ setting", "Write keep_daily = 7.")


def _check_urls(draft: Draft) -> Iterator[Problem]:
    """Yield which URL is none, without a word of it: who knows it may send what he likes."""
    for key, variable in WEBHOOKS.items():
        setting, secret = draft.setting("backup", key), draft.secret("backup", key)
        if setting and secret and isinstance(check_url(secret.reveal(), example=""), Wrong):
            yield setting.problem("is no http or https URL", f"Write {variable}=https://... as its service shows it.")
