"""Certificates by ACME: a public name, somebody to ask, and a way to prove the name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmchat_deploy.config.addresses import as_resolver, check_url
from llmchat_deploy.config.rules.common import apply
from llmchat_deploy.config.wrong import Wrong
from llmchat_deploy.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmchat_deploy.config.draft import Draft, Setting
    from llmchat_deploy.config.sources import Sources
    from llmchat_deploy.secret import Secret

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*")
_PROVIDER = re.compile(r"[a-z0-9-]+")
_INTERPOLATED = re.compile(r"%\([^)]*\)s")
"""What the reader of certbot's credentials takes for the name of another line (ConfigObj, "String Interpolation")."""
PROVIDERS = "https://go-acme.github.io/lego/dns/"
DIRECTORY = "https://acme-v02.api.letsencrypt.org/directory"


def check_acme(draft: Draft, sources: Sources, mode: Setting) -> Iterator[Problem]:
    """Yield what keeps an authority from issuing a certificate, as far as it can be known here."""
    domain = draft.text("server", "domain")
    if "." not in domain.rstrip(".") and not draft.is_broken("server", "domain"):
        hint = "Write SERVER_DOMAIN=chat.example.com. For an IP address: tls.mode = internal."
        yield Problem(str(mode.origin), "server.domain", "is missing: tls.mode = acme needs a public name", hint)
    if draft.text("tls", "email"):
        yield from apply(draft.setting("tls", "email"), _check_email)
    yield from apply(draft.setting("tls", "directory"), _check_directory)
    if draft.text("tls", "ca_bundle"):
        yield from _check_file(draft, "ca_bundle", sources, "-----BEGIN CERTIFICATE-----", "is no PEM file")
    if draft.text("tls", "challenge") == "dns":
        yield from _check_dns(draft, sources, mode)


def _check_dns(draft: Draft, sources: Sources, mode: Setting) -> Iterator[Problem]:
    hook, provider = draft.setting("tls", "dns_hook"), draft.setting("tls", "dns_provider")
    if draft.text("tls", "dns_provider"):
        yield from apply(provider, _check_provider)
        if hook and draft.text("tls", "dns_hook"):
            yield hook.problem("stands beside tls.dns_provider", "One of them makes the record: leave the other out.")
    elif draft.text("tls", "dns_hook"):
        yield from _check_file(draft, "dns_hook", sources, "#!", "doesn't begin with #!, so nobody can run it")
    else:
        hint = "Write who serves the zone, such as alidns or tencentcloud: docs/how-to/https.md. Or tls.dns_hook."
        place = str((draft.setting("tls", "challenge") or mode).origin)
        yield Problem(place, "tls.dns_provider", "is missing: tls.challenge = dns needs it", hint)
    yield from apply(draft.setting("tls", "dns_servers"), _check_resolvers)
    setting, words = draft.setting("tls", "dns_credentials"), draft.secret("tls", "dns_credentials")
    if setting and words and not all(_VARIABLE.fullmatch(word) for word in words.reveal().split()):
        hint = "Write ACME_DNS_CREDENTIALS='KEY_ID=... KEY_SECRET=...', separated by spaces."
        yield setting.problem("is no list of NAME=value", hint)
    elif setting and words and draft.text("tls", "dns_provider"):
        yield from _check_writable(setting, words)
    elif draft.text("tls", "dns_provider") and not words:
        hint = f"Write ACME_DNS_CREDENTIALS='NAME=value ...'; the names: {PROVIDERS}{draft.text('tls', 'dns_provider')}"
        place = str((provider or mode).origin)
        yield Problem(place, "tls.dns_credentials", "is missing: the provider wants keys", hint)


def _check_writable(setting: Setting, words: Secret) -> Iterator[Problem]:
    """Yield each value that certbot's file of credentials can't hold: the provider would be told another one."""
    for name, _, value in (word.partition("=") for word in words.reveal().split()):
        held = "both ''' and \"\"\"" if "'''" in value and '"""' in value else ""
        held = "%(...)s" if _INTERPOLATED.search(value) else held
        if held:
            hint = "Have the provider make another key, or make the record by a program of your own: tls.dns_hook."
            yield setting.problem(f"has a value of {name} that can't be handed on, because it holds {held}", hint)


def _check_file(draft: Draft, key: str, sources: Sources, has: str, otherwise: str) -> Iterator[Problem]:
    setting = draft.setting("tls", key)
    found = sources.file(draft.text("tls", key))
    if setting is None:
        return
    if found is None:
        yield setting.problem(f"there is no file {setting.value!r}", "Write its path, from the project folder.")
    elif found.unreadable:
        yield setting.problem(f"{setting.value!r} can't be read: {found.unreadable}", f"Look: ls -l {found.path}")
    elif has not in found.text:
        yield setting.problem(f"{setting.value!r} {otherwise}", f"Look at it: head {found.path}")


def _check_email(text: str) -> Wrong | None:
    return None if _EMAIL.fullmatch(text) else Wrong(f"{text!r} is no e-mail address", "Write one: it@example.com")


def _check_directory(text: str) -> Wrong | None:
    url = check_url(text, example=DIRECTORY)
    if isinstance(url, Wrong):
        return url
    return None if url.scheme == "https" else Wrong("has no https", f"ACME demands it: {DIRECTORY}")


def _check_provider(text: str) -> Wrong | None:
    if _PROVIDER.fullmatch(text):
        return None
    return Wrong(f"{text!r} is no provider's name", f"Write it as lego does, such as alidns: {PROVIDERS}")


def _check_resolvers(text: str) -> Wrong | None:
    wrong = [word for word in text.replace(",", " ").split() if not as_resolver(word)]
    hint = "Write IP addresses, with a port or without, such as 10.0.0.53 or 10.0.0.53:5353."
    return Wrong(f"{wrong[0]!r} is no name server's address", hint) if wrong else None
