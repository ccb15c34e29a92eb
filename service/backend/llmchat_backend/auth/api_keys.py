"""Keys for programs: shown once, when they are made; only their hash is stored."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from llmchat_backend.clock import new_id, utc_now
from llmchat_backend.db.models import ApiKey, User
from llmchat_backend.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

MARK = "sk-llmchat-"
"""How every key begins, so that scanners for leaked secrets find it and people know whose it is."""

MAX_KEYS = 50
_RANDOM_BYTES = 32  # nobody guesses them, so a plain hash is enough
_SHOWN = len(MARK) + 5
_NOTE_USE_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Made:
    """A new key, which nobody can read again."""

    row: ApiKey
    key: str


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Whose key a request carries."""

    key_id: str
    user_id: str
    is_admin: bool
    must_change_password: bool
    last_used_at: datetime | None


def create(session: Session, user_id: str, name: str) -> Made:
    """Make a key; raise RefusedError `too_many_keys`."""
    if (session.scalar(select(func.count()).where(ApiKey.user_id == user_id)) or 0) >= MAX_KEYS:
        raise RefusedError("too_many_keys", f"At most {MAX_KEYS} keys. Revoke one that isn't needed.")
    key = MARK + secrets.token_urlsafe(_RANDOM_BYTES)
    row = ApiKey(
        id=new_id(), user_id=user_id, name=name, key_hash=_hash(key), prefix=key[:_SHOWN], created_at=utc_now()
    )
    session.add(row)
    return Made(row, key)


def list_of(session: Session, user_id: str) -> Sequence[ApiKey]:
    """Return a user's keys, the newest first."""
    query = select(ApiKey).where(ApiKey.user_id == user_id)
    return session.scalars(query.order_by(ApiKey.created_at.desc(), ApiKey.id)).all()


def revoke(session: Session, user_id: str, key_id: str) -> None:
    """Make a key worthless at once; raise RefusedError `key_not_found`."""
    row = session.scalar(select(ApiKey).where(ApiKey.id == key_id, ApiKey.user_id == user_id))
    if row is None:
        raise RefusedError("key_not_found", "This key doesn't exist.")
    session.delete(row)


def find_holder(session: Session, key: str) -> KeyHolder | None:
    """Return whose key this is, None for no key and for one of an account that is not active."""
    if not key.startswith(MARK):
        return None
    row = session.execute(
        select(ApiKey.id, User.id, User.is_admin, User.must_change_password, ApiKey.last_used_at)
        .join(User, User.id == ApiKey.user_id)
        .where(ApiKey.key_hash == _hash(key), User.is_active)
    ).one_or_none()
    return None if row is None else KeyHolder(*row)


def is_use_to_be_noted(holder: KeyHolder) -> bool:
    """Tell whether the last noted use is so old that another one is worth a write."""
    return holder.last_used_at is None or holder.last_used_at < utc_now() - _NOTE_USE_EVERY


def note_use(session: Session, key_id: str) -> None:
    """Remember that a key was used just now."""
    session.execute(update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=utc_now()))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()
