"""What is wrong with an address or a URL, and what to write instead. Pure text: nothing is looked up."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from llmchat_deploy.config.wrong import Wrong

_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_INNER_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/+")
_WITH_PORT = re.compile(r"([^:]+|\[[^\]]*\]):[0-9]+")
_MAX_HOST_NAME = 253
_NO_VARIABLES = "Variables aren't replaced here; write the address itself."
_NOTATIONS = "Write an IPv4 address, an IPv6 address or a host name, such as 192.168.1.100 or chat.example.com."


def check_address(text: str) -> Wrong | None:
    """Say what is wrong with an address that users type in a browser (an IP address or a host name)."""
    if "$" in text:
        return Wrong("holds a '$'", _NO_VARIABLES)
    if extra := _pasted_with_it(text):
        return extra
    address = as_ip(text)
    if address is None:
        return check_host_name(text)
    if address.is_unspecified:
        hint = "Write the address that users type; HOST may be 0.0.0.0."
        return Wrong(f"{text} is no address that a browser can open", hint)
    return None


def check_bind(text: str) -> Wrong | None:
    """Say what is wrong with an address to listen on (an IP address of this machine)."""
    if as_ip(text):
        return None
    if text == "localhost":
        return Wrong("is a name", "Write the address: 127.0.0.1")
    return Wrong(f"{text!r} is no IP address", "Write 0.0.0.0 for all addresses, 127.0.0.1 for this machine only.")


def check_host_name(text: str, *, inner: bool = False) -> Wrong | None:
    """Say what is wrong with a host name; ``inner`` ones (of a private network) may hold underscores."""
    name = text.removesuffix(".")
    labels = name.split(".")
    label = _INNER_LABEL if inner else _LABEL
    neither = f"{text!r} is neither an IP address nor a host name"
    if len(name) > _MAX_HOST_NAME or not all(label.fullmatch(each) for each in labels):
        return Wrong(neither, _as_browsers_send(name) or _NOTATIONS)
    if labels[-1].isdigit():  # browsers read such a name as a broken IPv4 address
        return Wrong(neither, "An IPv4 address has four numbers from 0 to 255.")
    return None


def check_url(text: str, *, example: str) -> SplitResult | Wrong:
    """Return the parts of an http or https URL, or say what is wrong with it; credentials are never repeated."""
    if "$" in text:
        return Wrong("holds a '$'", _NO_VARIABLES)
    if not text.isprintable() or " " in text:
        return Wrong("holds white space", f"Write a URL such as {example}")
    if not _SCHEME.match(text):
        return Wrong("has no scheme", f"Write {with_scheme(text)}" if _may_be_shown(text) else "Start it with http://")
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        return Wrong("is no URL", f"Is the port a number up to 65535? Write a URL such as {example}")
    return _wrong_part(url, port, example) or url


def as_ip(text: str) -> IPv4Address | IPv6Address | None:
    """Return the IP address that ``text`` is, None where it is none."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def as_resolver(text: str) -> str:
    """Return the name server that ``text`` is (an IP address, with a port or without) with its port; empty for none."""
    address = as_ip(text)
    if address is None:
        try:
            url = urlsplit(f"//{text}")
            address, port = as_ip(url.hostname or ""), url.port
        except ValueError:
            return ""
        if address is None or not port or text != url.netloc:
            return ""
    else:
        port = 53
    return f"[{address}]:{port}" if isinstance(address, IPv6Address) else f"{address}:{port}"


def is_loopback(text: str) -> bool:
    """Whether ``text`` is an address that only this machine reaches."""
    address = as_ip(text)
    return bool(address and address.is_loopback)


def is_loopback_url(url: str) -> bool:
    """Whether the host of ``url`` is one that only this machine reaches, written in any way."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = as_ip(host)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return bool(address and (mapped or address).is_loopback)


def covers_loopback(bind: str) -> bool:
    """Whether listening on ``bind`` takes ports of the loopback address too."""
    address = as_ip(bind)
    return bool(address and (address.is_loopback or address.is_unspecified))


def with_scheme(text: str) -> str:
    """Return an address that lacks its scheme as a URL: http for addresses and inner names, else https."""
    rest = text.lstrip("/")
    host = re.split(r"[:/]", rest, maxsplit=1)[0]
    near = as_ip(host) is not None or "." not in host
    return f"{'http' if near else 'https'}://{rest}"


def _pasted_with_it(text: str) -> Wrong | None:
    """Recognise an address that was copied with what surrounds it, and show it without."""
    bare = _SCHEME.sub("", text, count=1)
    if bare != text:
        return Wrong("has a scheme", f"Leave it out: {_host_only(bare)}")
    if "/" in text:
        return Wrong("has a path", f"Leave it out: {_host_only(text)}")
    if _WITH_PORT.fullmatch(text):
        hint = f"Leave it out: {_host_only(text)}. Ports have settings of their own: PORT, FRONTEND_PORT."
        return Wrong("has a port", hint)
    if text.startswith("["):
        return Wrong("has brackets", f"Write an IPv6 address without them: {_host_only(text)}")
    if "%" in text:
        return Wrong("has a zone", f"Leave it out: {text.partition('%')[0]}")
    return None


def _host_only(text: str) -> str:
    authority = text.partition("/")[0].rpartition("@")[2]
    bracketed = re.match(r"\[([^\]]*)\]", authority)
    if bracketed:
        return bracketed[1]
    return authority if authority.count(":") > 1 else authority.partition(":")[0]


def _wrong_part(url: SplitResult, port: int | None, example: str) -> Wrong | None:
    host = url.hostname or ""
    if url.scheme not in {"http", "https"}:
        return Wrong(f"has the scheme {url.scheme}", f"Write http or https, such as {example}")
    if not host or port == 0:
        return Wrong("has port 0" if host else "has no host", f"Write a URL such as {example}")
    if url.fragment:
        return Wrong("has a fragment", "Leave out what follows the '#'.")
    if as_ip(host) is None and (wrong := check_host_name(host, inner=True)):
        return Wrong(f"its host {wrong.message}", wrong.hint)
    return None


def _may_be_shown(text: str) -> bool:
    return not re.search(r"[@?#]", text)


def _as_browsers_send(name: str) -> str:
    if name.isascii():
        return ""
    try:
        return f"Write the name as browsers send it: {name.encode('idna').decode()}"
    except UnicodeError:
        return ""
