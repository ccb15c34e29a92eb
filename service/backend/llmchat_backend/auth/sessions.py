"""Log-in sessions: begin, find, end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select

from llmchat_backend.auth import accounts
from llmchat_backend.clock import new_id, utc_now
from llmchat_backend.db.models import LoginSession, User, table_of

if TYPE_CHECKING:
    from datetime import timedelta

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session


_USERS, _SESSIONS = table_of(User), table_of(LoginSession)

# Every request needs it. Built once: putting a statement together costs several times what running it does.
_CALLER = (
    select(_USERS.c.id, _USERS.c.username, _USERS.c.is_admin, _USERS.c.must_change_password)
    .join(_SESSIONS, _SESSIONS.c.user_id == _USERS.c.id)
    .where(_SESSIONS.c.id == bindparam("session_id"), _SESSIONS.c.expires_at > bindparam("now"), _USERS.c.is_active)
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request, and by which session."""

    user_id: str
    username: str
    is_admin: bool
    must_change_password: bool
    session_id: str


def begin(
    session: Session, user_id: str, lifetime: timedelta, *, verified: str, better_hash: str | None = None
) -> LoginSession | None:
    """Record a log-in, and forget this account's expired ones; keep a better hash of the same password.

    Returns None unless `verified`, the hash that the password was compared with, is still that of an active account:
    comparing takes a while, and a password that was replaced meanwhile must let nobody in.
    """
    now = utc_now()
    user = accounts.find_unchanged(session, user_id, verified)
    if user is None:
        return None
    session.execute(delete(LoginSession).where(LoginSession.user_id == user_id, LoginSession.expires_at <= now))
    user.last_login_at = now
    user.hashed_password = better_hash or verified
    login = LoginSession(id=new_id(), user_id=user_id, created_at=now, expires_at=now + lifetime)
    session.add(login)
    return login


def find_caller(connection: Connection, session_id: str) -> Caller | None:
    """Return who holds a live session of an active account."""
    row = connection.execute(_CALLER, {"session_id": session_id, "now": utc_now()}).one_or_none()
    return None if row is None else Caller(*row, session_id=session_id)


def end(session: Session, session_id: str) -> None:
    """Make every token of a session worthless."""
    session.execute(delete(LoginSession).where(LoginSession.id == session_id))
