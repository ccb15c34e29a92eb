"""Signed tokens: the same one serves as a browser's cookie and as an API client's Bearer token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import jwt

if TYPE_CHECKING:
    from datetime import datetime

    from pydantic import SecretStr

_ALGORITHM = "HS256"


@dataclass(frozen=True, slots=True)
class TokenSigner:
    """Writes and reads tokens that name a session row; the row, not the token, decides whether it still counts."""

    secret_key: SecretStr

    def sign(self, *, user_id: str, session_id: str, issued_at: datetime, expires_at: datetime) -> str:
        """Return a token for one session."""
        claims = {"sub": user_id, "sid": session_id, "iat": issued_at, "exp": expires_at}
        return jwt.encode(claims, self.secret_key.get_secret_value(), algorithm=_ALGORITHM)

    def read_session_id(self, token: str) -> str | None:
        """Return the session a genuine, unexpired token names, None for any other text."""
        try:
            claims = jwt.decode(
                token,
                self.secret_key.get_secret_value(),
                algorithms=[_ALGORITHM],
                options={"require": ["sub", "sid", "exp"]},
            )
        except (jwt.InvalidTokenError, ValueError):
            return None
        session_id = claims["sid"]
        return session_id if isinstance(session_id, str) else None
