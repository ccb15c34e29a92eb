"""What is wrong with an address or a URL, and what to write instead. Pure text: nothing is looked up."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from llmchat_deploy.config.values import Wrong

_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_INNER_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/+")
_MAX_HOST_NAME = 253
_NOTATIONS = "an IPv4 address, an IPv6 address or a host name"


def check_address(text: str) -> Wrong | None:
    """Say what is wrong with an address that users type in a browser (an IP address or a host name)."""
    if _SCHEME.match(text):
        host = _SCHEME.sub("", text, count=1).split("/")[0]
        return Wrong("has a scheme", f"Leave it out: {host}")
    if "/" in text:
        return Wrong("has a path", f"Leave it out: {text.split('/')[0]}")
    if "$" in text:
        return Wrong("holds a '$'", "Variables aren't replaced in this file; write the address itself.")
    if text.startswith("[") and text.endswith("]"):
        return Wrong("has brackets", f"Write an IPv6 address without them: {text[1:-1]}")
    address = _ip(text)
    if address is None:
        host, colon, port = text.rpartition(":")
        if colon and port.isdigit() and ":" not in host:
            hint = f"Leave it out: {host}. Ports have settings of their own (PORT, FRONTEND_PORT)."
            return Wrong("has a port", hint)
        return check_host_name(text)
    if address.is_unspecified:
        return Wrong(
            f"{text} is no address that a browser can open",
            "Write the one that users type; HOST may be 0.0.0.0.",
        )
    if isinstance(address, IPv6Address) and address.scope_id:
        return Wrong("has a zone", f"Leave it out: {text.split('%')[0]}")
    return None


def check_bind(text: str) -> Wrong | None:
    """Say what is wrong with an address to listen on (an IP address of this machine)."""
    if _ip(text):
        return None
    if text == "localhost":
        return Wrong("is a name", "Write the address: 127.0.0.1")
    return Wrong(
        f"{text!r} is no IP address", "Write 0.0.0.0 for all addresses, 127.0.0.1 for this machine only."
    )


def check_host_name(text: str, *, inner: bool = False) -> Wrong | None:
    """Say what is wrong with a host name; ``inner`` ones (of a private network) may hold underscores."""
    hint = f"Write {_NOTATIONS}, such as 192.168.1.100 or chat.example.com."
    name = text.removesuffix(".")
    if not text.isascii():
        return Wrong(f"{text!r} is no {_NOTATIONS[3:]}", _punycode_hint(name) or hint)
    labels = name.split(".")
    label = _INNER_LABEL if inner else _LABEL
    if len(name) > _MAX_HOST_NAME or not all(label.fullmatch(each) for each in labels):
        return Wrong(f"{text!r} is neither an IP address nor a host name", hint)
    if labels[-1].isdigit():  # browsers read such a name as a broken IPv4 address
        return Wrong(
            f"{text!r} is neither an IP address nor a host name",
            "An IPv4 address has four numbers from 0 to 255.",
        )
    return None


def check_url(text: str, *, example: str) -> SplitResult | Wrong:
    """Return the parts of an http or https URL, or say what is wrong with it; credentials are never repeated."""
    if "$" in text:
        return Wrong("holds a '$'", "Variables aren't replaced in this file; write the URL itself.")
    if re.search(r"\s", text) or not text.isprintable():
        return Wrong("holds white space", f"Write a URL such as {example}")
    if not _SCHEME.match(text):
        return Wrong(
            "has no scheme", f"Write {_with_scheme(text)}" if "@" not in text else "Start it with http://"
        )
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        return Wrong("is no URL", f"Is the port a number up to 65535? Write a URL such as {example}")
    if url.scheme not in {"http", "https"}:
        return Wrong(f"has the scheme {url.scheme}", f"Write http or https, such as {example}")
    if not url.hostname or port == 0:
        return Wrong("has no host" if port != 0 else "has port 0", f"Write a URL such as {example}")
    if url.fragment:
        return Wrong("has a fragment", "Leave out what follows the '#'.")
    if _ip(url.hostname) is None and (wrong := check_host_name(url.hostname, inner=True)):
        return Wrong(f"has a host that is wrong: {wrong.message}", wrong.hint)
    return url


def is_loopback(text: str) -> bool:
    """Whether ``text`` is an address that only this machine reaches."""
    address = _ip(text)
    return bool(address and address.is_loopback)


def covers_loopback(bind: str) -> bool:
    """Whether listening on ``bind`` takes ports of the loopback address too."""
    address = _ip(bind)
    return bool(address and (address.is_loopback or address.is_unspecified))


def _ip(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _with_scheme(text: str) -> str:
    rest = text.lstrip("/")
    host = re.split(r"[:/]", rest, maxsplit=1)[0]
    near = _ip(host) is not None or "." not in host
    return f"{'http' if near else 'https'}://{rest}"


def _punycode_hint(name: str) -> str:
    try:
        ascii_name = name.encode("idna").decode()
    except UnicodeError:
        return ""
    return f"Write the name as browsers send it: {ascii_name}"
