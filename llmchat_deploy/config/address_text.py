"""Find a host's address inside text and put another in its place: whole addresses only, never a part of another."""

from __future__ import annotations

import re
from ipaddress import IPv6Address

from llmchat_deploy.config.addresses import as_ip

_BRACKETED = r"\[(?P<bracketed>[0-9A-Fa-f:.]+)\]"
_COLONS = r"(?P<colons>[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)"
_WORD = r"(?P<word>[A-Za-z0-9._-]+)"
_TOKEN = re.compile(rf"{_BRACKETED}|(?<![A-Za-z0-9._:-]){_COLONS}(?![A-Za-z0-9._-])|{_WORD}")
_NETWORK = re.compile(r"/[0-9]{1,3}(?![0-9.A-Za-z])")
_SPACE = re.compile(r"[\s,;'\"]")


def same_address(one: str, other: str) -> bool:
    """Whether two texts name the same host: IPv6 in any notation, names in any case and with or without a last dot."""
    return _canonical(one) == _canonical(other)


def replace_address(text: str, old: str, new: str) -> str:
    """Return ``text`` with the host ``old`` replaced by ``new`` wherever it stands by itself.

    Brackets come and go as URLs want them for IPv6 (RFC 3986, section 3.2.2). The domain of a mail address and a
    network (``10.0.0.0/8``) are no hosts and stay.
    """
    wanted = _canonical(old)

    def put(match: re.Match[str]) -> str:
        found = match["bracketed"] or match["colons"] or match["word"]
        end = match.end()
        if _canonical(found) != wanted or _is_mail_domain(text, match.start()) or _is_network(text, match):
            return match[0]
        in_url = match["bracketed"] or text[max(0, match.start() - 2) : match.start()] == "//" or _has_port(text, end)
        return _in_url(new) if in_url or _after_credentials(text, match.start()) else new

    return _TOKEN.sub(put, text)


def names_address(text: str, address: str) -> bool:
    """Whether the host ``address`` stands in ``text`` by itself."""
    mark = "moved.invalid"  # RFC 2606: nobody's name
    return replace_address(text, address, mark) != text


def _canonical(address: str) -> str:
    found = as_ip(address)
    return str(found) if found else address.removesuffix(".").lower()


def _in_url(address: str) -> str:
    return f"[{address}]" if isinstance(as_ip(address), IPv6Address) else address


def _has_port(text: str, end: int) -> bool:
    return bool(re.match(r":[0-9]", text[end : end + 2]))


def _is_mail_domain(text: str, start: int) -> bool:
    return text[start - 1 : start] == "@" and "://" not in _word_before(text, start)


def _after_credentials(text: str, start: int) -> bool:
    return text[start - 1 : start] == "@" and "://" in _word_before(text, start)


def _word_before(text: str, start: int) -> str:
    return _SPACE.split(text[:start])[-1]


def _is_network(text: str, match: re.Match[str]) -> bool:
    return bool(_NETWORK.match(text, match.end())) and "://" not in _word_before(text, match.start())
