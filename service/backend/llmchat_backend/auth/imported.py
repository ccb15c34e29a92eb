"""Accounts of the guide's deployment: the same name and password, an id of ours."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pwdlib.hashers.bcrypt import BcryptHasher
from pydantic import BaseModel, ConfigDict, Field

from llmchat_backend.auth import accounts
from llmchat_backend.clock import utc_now
from llmchat_backend.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

_NO_PASSWORD = "!"  # noqa: S105 - no hash at all: it verifies nothing


class ImportedAccount(BaseModel):
    """One account as it comes: what the guide's table `users` says of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    username: str
    hashed_password: str = Field(default="", repr=False)
    is_admin: bool = False
    is_active: bool = True
    created_at: datetime | None = None


def add_all(session: Session, found: Sequence[ImportedAccount]) -> dict[str, Any]:
    """Add accounts in their order; one whose name is taken, or is none, is left out and named.

    `without_password` names those that came in with a hash no log-in can verify: they need a new password first.
    """
    added: list[str] = []
    kept: list[str] = []
    refused: list[str] = []
    without_password: list[str] = []
    for account in found:
        known = BcryptHasher.identify(account.hashed_password)
        try:
            user = accounts.create(
                session,
                username=account.username,
                hashed_password=account.hashed_password if known else _NO_PASSWORD,
                is_admin=account.is_admin,
            )
        except RefusedError as error:
            (kept if error.code == "username_taken" else refused).append(account.username)
            continue
        user.is_active = account.is_active
        user.created_at = _utc(account.created_at) or user.created_at
        added.append(account.username)
        if not known:
            without_password.append(account.username)
    session.flush()
    return {"added": added, "kept": kept, "refused": refused, "without_password": without_password}


def _utc(value: datetime | None) -> datetime | None:
    """Take a time without a zone for UTC, as the guide's application stores it, and none from the future."""
    if value is None:
        return None
    return min(value.replace(tzinfo=UTC) if value.tzinfo is None else value, utc_now())
