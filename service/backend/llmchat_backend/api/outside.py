"""How a request looks from outside: the scheme and address the browser used, who sent it.

Only the edge can reach a Unix socket, and it overwrites these headers; over TCP anybody could have written them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from llmchat_backend.listen import UnixAddress, parse_listen

if TYPE_CHECKING:
    from fastapi import Request
    from starlette.datastructures import Headers

    from llmchat_backend.settings import Settings

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LOOPBACK = ("127.0.0.1", "::1")
_HIDDEN = "unknown"
"""What the edge says where all it sees is its network's gateway, which hides everybody behind its own address."""


def outside_scheme(request: Request, settings: Settings) -> str:
    """Return `https` when the browser speaks it to whatever stands in front."""
    if settings.public_scheme != "auto":
        return settings.public_scheme
    if _behind_edge(settings) and request.headers.get("x-forwarded-proto", "").strip().lower() == "https":
        return "https"
    return "http" if _behind_edge(settings) else request.url.scheme


def client_address(request: Request, settings: Settings) -> str | None:
    """Return the client's address, None when it can't be told."""
    if _behind_edge(settings):
        address = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    else:
        address = request.client.host if request.client else ""
    return address if address not in ("", _HIDDEN) else None


def is_own_origin(request: Request, settings: Settings) -> bool:
    """Tell whether `Origin`, or else `Referer`, names this very site or one that was allowed."""
    sent = request.headers.get("origin") or request.headers.get("referer") or ""
    origin = _normal_origin(sent)
    if origin is None:
        return False
    own = _normal_origin(f"{outside_scheme(request, settings)}://{request.headers.get('host', '')}")
    return origin == own or origin in {
        _normal_origin(allowed) for allowed in allowed_origins(request.headers, settings)
    }


def allowed_origins(headers: Headers, settings: Settings) -> tuple[str, ...]:
    """Return the origins besides its own whose pages may call, as the edge says: another address restarts nothing."""
    return tuple(headers.get("x-llmchat-origins", "").split()) if _behind_edge(settings) else ()


def is_from_inside(request: Request, settings: Settings) -> bool:
    """Tell whether somebody on this machine asks, past the edge: it names the client in whatever it passes on."""
    if "x-forwarded-for" in request.headers:
        return False
    host = request.client.host if request.client else ""
    return _behind_edge(settings) or host in _LOOPBACK


def _behind_edge(settings: Settings) -> bool:
    return isinstance(parse_listen(settings.listen), UnixAddress)


def _normal_origin(url: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port, so that spelled-out default ports and capitals make no difference."""
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname and port else None
