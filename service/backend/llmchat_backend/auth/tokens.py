"""Signed tokens: the same one serves as a browser's cookie and as an API client's Bearer token."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import jwt

from llmchat_backend.clock import utc_now

if TYPE_CHECKING:
    from pydantic import SecretStr

_ALGORITHM = "HS256"
_REQUIRED = ("sub", "sid", "iat", "exp")
_MAX_KNOWN = 2_000


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token says."""

    user_id: str
    session_id: str
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ReadToken:
    """A genuine token; an outdated one is signed by the key before the present one."""

    grant: Grant
    outdated: bool


@dataclass(frozen=True, slots=True)
class TokenSigner:
    """Writes and reads tokens that name a session row; the row, not the token, decides whether it still counts.

    A previous key only reads: while it is kept, nobody is logged out by a new one.
    """

    secret_key: SecretStr
    previous_key: SecretStr | None = None
    _known: dict[str, ReadToken] = field(default_factory=dict, repr=False, compare=False)
    """Genuine tokens that were read already: every request brings one, and checking a signature costs most of it."""

    def sign(self, grant: Grant) -> str:
        """Return a token for one session."""
        claims = {
            "sub": grant.user_id,
            "sid": grant.session_id,
            "iat": grant.issued_at,
            "exp": grant.expires_at,
        }
        return jwt.encode(claims, self.secret_key.get_secret_value(), algorithm=_ALGORITHM)

    def read(self, token: str) -> ReadToken | None:
        """Return what a genuine, unexpired token says, None for any other text."""
        known = self._known.get(token)
        if known is None and (known := self._verify(token)) is not None:
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            self._known[token] = known
        return known if known is not None and known.grant.expires_at > utc_now() else None

    def _verify(self, token: str) -> ReadToken | None:
        if (grant := _read(token, self.secret_key)) is not None:
            return ReadToken(grant, outdated=False)
        if self.previous_key is not None and (grant := _read(token, self.previous_key)) is not None:
            return ReadToken(grant, outdated=True)
        return None


def _read(token: str, key: SecretStr) -> Grant | None:
    try:
        claims: dict[str, Any] = jwt.decode(
            token, key.get_secret_value(), algorithms=[_ALGORITHM], options={"require": list(_REQUIRED)}
        )
        times = [datetime.fromtimestamp(claims[name], UTC) for name in ("iat", "exp")]
    except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError):
        return None
    if not isinstance(claims["sid"], str):
        return None
    return Grant(claims["sub"], claims["sid"], times[0], times[1])
