"""Places off this machine that get a copy of each backup."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from llmchat_deploy.config import addresses
from llmchat_deploy.config.private_key import is_key_text
from llmchat_deploy.config.rules.common import EMPTY, MISSING, apply
from llmchat_deploy.config.schema import REMOTES, dotted, lookup
from llmchat_deploy.config.variables import remote_variable
from llmchat_deploy.config.wrong import Wrong
from llmchat_deploy.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmchat_deploy.config.draft import Draft
    from llmchat_deploy.config.sources import Sources

FIELDS = {
    "s3": ("endpoint", "allow_http", "region", "bucket", "prefix", "access_key", "secret_key"),
    "sftp": ("host", "port", "user", "path", "host_key", "password", "private_key"),
}
_NEEDED = {
    "s3": {"bucket": 'Write the name of the bucket: bucket = "chat-backups"'},
    "sftp": {
        "host": 'Write the name or address of the server: host = "backup.example.com"',
        "user": 'Write who logs in there: user = "chat"',
        "host_key": "Write the server's public key, so that no other one is talked to: ssh-keyscan -t ed25519 HOST"
        " shows it; compare it with the one that its administrator gives you.",
    },
}
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_KEY_TYPES = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa")


def check_remotes(draft: Draft, environment: str, sources: Sources) -> Iterator[Problem]:
    """Yield what is wrong with each remote."""
    for name in draft.remotes():
        path = (*REMOTES, name)
        kind = draft.text(*path, "kind")
        if kind not in FIELDS:
            if not draft.is_broken(*path, "kind"):
                yield _missing(draft, name, "kind", environment, 'Write kind = "s3" or kind = "sftp".')
            continue
        yield from _foreign(draft, name, kind)
        for field, hint in _NEEDED[kind].items():
            if not draft.text(*path, field) and not draft.is_broken(*path, field):
                yield _missing(draft, name, field, environment, hint)
        yield from (
            _check_s3(draft, name, environment) if kind == "s3" else _check_sftp(draft, name, environment, sources)
        )


def _missing(draft: Draft, name: str, field: str, environment: str, hint: str) -> Problem:
    setting = draft.setting(*REMOTES, name, field)
    if setting:
        return setting.problem(EMPTY, hint)
    beside = next(each for each in draft if each.path[:3] == (*REMOTES, name))
    source = str(beside.origin) if beside.origin.source.endswith(".toml") else f"environments/{environment}.toml"
    return Problem(source, dotted((*REMOTES, name, field)), MISSING, hint)


def _missing_secret(name: str, field: str, environment: str, hint: str) -> Problem:
    return Problem(f".env.{environment}", remote_variable(name, field), MISSING, hint)


def _foreign(draft: Draft, name: str, kind: str) -> Iterator[Problem]:
    other = next(each for each in FIELDS if each != kind)
    for field in FIELDS[other]:
        setting = draft.setting(*REMOTES, name, field)
        known = lookup((*REMOTES, name, field))
        if setting and setting.value and not (known and setting.value == known.default):
            yield setting.problem(f"has no meaning for {kind}", f"It is for {other}; leave it out.")


def _check_s3(draft: Draft, name: str, environment: str) -> Iterator[Problem]:
    path = (*REMOTES, name)
    if draft.text(*path, "endpoint"):
        problems = tuple(apply(draft.setting(*path, "endpoint"), _check_endpoint))
        yield from problems or _check_plain(draft, name)
    elif not draft.text(*path, "region") and not draft.is_broken(*path, "endpoint"):
        hint = 'Write endpoint = "https://s3.example.com", or a region for Amazon\'s own: region = "eu-central-1"'
        yield _missing(draft, name, "endpoint", environment, hint)
    if draft.text(*path, "bucket"):
        yield from apply(draft.setting(*path, "bucket"), _check_bucket)
    yield from apply(draft.setting(*path, "prefix"), _check_prefix)
    for field in ("access_key", "secret_key"):
        if not draft.secret(*path, field):
            yield _missing_secret(name, field, environment, "Write what the server gave you; it is in no profile.")


def _check_sftp(draft: Draft, name: str, environment: str, sources: Sources) -> Iterator[Problem]:
    path = (*REMOTES, name)
    if draft.text(*path, "host"):
        yield from apply(draft.setting(*path, "host"), addresses.check_address)
    if draft.text(*path, "host_key"):
        yield from apply(draft.setting(*path, "host_key"), _check_host_key)
    key = draft.secret(*path, "private_key")
    if not key and not draft.secret(*path, "password"):
        hint = f"Write the path of a private key without passphrase, or {remote_variable(name, 'password')}=..."
        yield _missing_secret(name, "private_key", environment, hint)
    setting = draft.setting(*path, "private_key")
    if key and setting and not is_key_text(key):
        found = sources.file(key.reveal()) if "\n" not in key.reveal() else None
        if found is None or found.unreadable or "PRIVATE KEY-----" not in found.text:
            hint = "Write the path of its file, or its text in single quotes, with all its lines."
            yield setting.problem("is neither a private key nor a file that holds one", hint)


def _check_plain(draft: Draft, name: str) -> Iterator[Problem]:
    endpoint = draft.setting(*REMOTES, name, "endpoint")
    plain = endpoint and str(endpoint.value).startswith("http:") and not addresses.is_loopback_url(str(endpoint.value))
    if endpoint and plain and not draft.switch(*REMOTES, name, "allow_http"):
        hint = "Write https://, or allow_http = true where the network between is yours."
        yield endpoint.problem("is used without TLS", hint)


def _check_endpoint(text: str) -> Wrong | None:
    url = addresses.check_url(text, example="https://s3.example.com")
    if isinstance(url, Wrong):
        return url
    if url.username is not None or url.query:
        return Wrong("is more than an address", "Keys have variables of their own in the env file.")
    return None


def _check_bucket(text: str) -> Wrong | None:
    if _BUCKET.fullmatch(text):
        return None
    return Wrong(f"{text!r} is no bucket", "Use 3 to 63 small letters, digits, '.' and '-'; folders are the prefix's.")


def _check_prefix(text: str) -> Wrong | None:
    if not text.startswith("/") and ".." not in text.split("/") and text.isprintable():
        return None
    return Wrong(f"{text!r} is no prefix", "Write what the names begin with, such as chat/")


def _check_host_key(text: str) -> Wrong | None:
    kind, _, rest = text.strip().partition(" ")
    try:
        blob = base64.b64decode(rest.split(" ")[0], validate=True)
    except binascii.Error:
        blob = b""
    # RFC 4253, section 6.6: the blob begins with the length and the name of its kind.
    if kind in _KEY_TYPES and blob[4 : 4 + len(kind)] == kind.encode():
        return None
    hint = "Write its kind and its text, as in a .pub file: ssh-ed25519 AAAA... (ssh-keyscan -t ed25519 HOST shows it)."
    return Wrong("is no public key of SSH", hint)
