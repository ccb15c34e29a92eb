"""HTTPS: a certificate that fits its key and the names that users type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmchat_deploy.config import addresses
from llmchat_deploy.config.rules.acme import check_acme
from llmchat_deploy.config.rules.common import apply
from llmchat_deploy.config.wrong import Wrong
from llmchat_deploy.errors import Problem
from llmchat_deploy.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmchat_deploy.config.certificate import Certificate
    from llmchat_deploy.config.draft import Draft
    from llmchat_deploy.config.sources import Sources, SourceText

PORTS = ("web_port", "api_port", "http_port", "https_port")


def check_tls(draft: Draft, sources: Sources) -> Iterator[Problem]:
    """Yield what is wrong with the settings of HTTPS; nothing of them counts while it is off."""
    if draft.text("server", "domain"):
        yield from apply(draft.setting("server", "domain"), _check_domain)
    mode = draft.setting("tls", "mode")
    if mode is None or mode.value == "off":
        return
    yield from _check_ports(draft)
    if mode.value == "own":
        yield from _check_own(draft, sources)
    if mode.value == "acme":
        yield from check_acme(draft, sources, mode)


def _check_domain(text: str) -> Wrong | None:
    if addresses.as_ip(text):
        return Wrong(f"{text} is no host name", "An IP address belongs into server.address (SERVER_IP).")
    return addresses.check_address(text)


def _check_ports(draft: Draft) -> Iterator[Problem]:
    """Yield the first port that is used twice; page and API are compared without HTTPS too, and not here."""
    taken: dict[int, str] = {}
    for key in PORTS:
        number = draft.number("server", key)
        if number in taken and key not in ("web_port", "api_port") and not draft.is_broken("server", key):
            named = draft.setting("server", key) or draft.setting("server", taken[number])
            if named:
                hint = "Give page, API, http and https a port each."
                yield named.problem(f"is {number}, for server.{taken[number]} and server.{key}", hint)
            return
        taken.setdefault(number, key)


def _check_own(draft: Draft, sources: Sources) -> Iterator[Problem]:
    files = {}
    for key, what in (("certificate", "certificate"), ("key", "private key")):
        setting = draft.setting("tls", key)
        found = sources.file(str(setting.value)) if setting and setting.value else None
        if found is None or found.unreadable:
            yield _no_file(draft, key, what, found)
        else:
            files[key] = found
    if "certificate" in files:
        yield from _check_pair(draft, files["certificate"], files.get("key"))


def _no_file(draft: Draft, key: str, what: str, found: SourceText | None) -> Problem:
    setting = draft.setting("tls", key)
    if setting is None or not setting.value:
        hint = f'Write the path of the PEM file: {key} = "/etc/ssl/chat/{key}.pem"'
        mode = draft.setting("tls", "mode")
        place = setting or mode
        source = str(place.origin) if place else ""
        return Problem(source, f"tls.{key}", f"is missing: tls.mode = own needs a {what}", hint)
    if found is None:
        return setting.problem(f"there is no file {setting.value!r}", f"Write the path of the {what}.")
    return setting.problem(f"{setting.value!r} can't be read: {found.unreadable}", f"Look at it: ls -l {found.path}")


def _check_pair(draft: Draft, chain: SourceText, key: SourceText | None) -> Iterator[Problem]:
    # Imported here: only an environment with a certificate of its own pays for it.
    from llmchat_deploy.config.certificate import check_key, read_certificate  # noqa: PLC0415

    named = draft.setting("tls", "certificate")
    facts = read_certificate(chain.text)
    if isinstance(facts, Wrong):
        if named:
            yield named.problem(facts.message, facts.hint)
        return
    yield from _check_names(draft, facts)
    named = draft.setting("tls", "key")
    if named and key and (wrong := check_key(chain.text, Secret(key.text))):
        yield named.problem(wrong.message, wrong.hint)


def _check_names(draft: Draft, facts: Certificate) -> Iterator[Problem]:
    """Yield that the name users type isn't the certificate's; further addresses may do without."""
    wanted = draft.text("server", "domain") or draft.text("server", "address")
    named = draft.setting("tls", "certificate")
    if named and wanted and not facts.covers(wanted):
        has = ", ".join(facts.names) or "no name at all"
        hint = "Browsers would warn everybody. Use a certificate for that name, or set server.domain to one of its own."
        yield named.problem(f"is for {has}, not for {wanted}", hint)
