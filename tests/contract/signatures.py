"""How two DNS providers sign requests, from their documentation: what a stand-in of theirs checks requests against.

Alibaba Cloud, "V3 request structure and signature" (ACS3-HMAC-SHA256); Tencent Cloud, "Signature method v3"
(TC3-HMAC-SHA256).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def canonical(query: str, headers: Mapping[str, str], signed: str, hashed: str) -> str:
    """Return the request (a POST of ``/``) as both providers write it; ``headers`` have lower names."""
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    sorted_query = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in signed.split(";"))
    return f"POST\n/\n{sorted_query}\n{lines}\n{signed}\n{hashed}"


def acs3(secret: str, query: str, headers: Mapping[str, str], signed: str, body: bytes) -> str:
    """Return Alibaba Cloud's signature of a request."""
    text = f"ACS3-HMAC-SHA256\n{digest(canonical(query, headers, signed, digest(body)).encode())}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def tc3(secret: str, sent: tuple[str, int], headers: Mapping[str, str], signed: str, body: bytes) -> str:
    """Return Tencent Cloud's signature of a request; ``sent``: to which service, and when (seconds since the epoch)."""
    service, at = sent
    day = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"
    lower = {name: value.lower() for name, value in headers.items()}
    request = digest(canonical("", lower, signed, digest(body)).encode())
    key = f"TC3{secret}".encode()
    for word in (day, service, "tc3_request"):
        key = hmac.new(key, word.encode(), hashlib.sha256).digest()
    text = f"TC3-HMAC-SHA256\n{at}\n{day}/{service}/tc3_request\n{request}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
