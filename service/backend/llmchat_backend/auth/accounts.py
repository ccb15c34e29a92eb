"""Accounts in the database."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, select

from llmchat_backend.clock import new_id, utc_now
from llmchat_backend.db.models import LoginSession, User
from llmchat_backend.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

MAX_USERNAME = 64
MAX_USERNAME_KEY = 256


def username_key(username: str) -> str:
    """Return what two spellings of one name have in common."""
    return unicodedata.normalize("NFKC", username).casefold()


def check_username(username: str) -> None:
    """Raise RefusedError `invalid_username` that names the broken rule."""
    if not 1 <= len(username) <= MAX_USERNAME:
        raise RefusedError("invalid_username", f"The username needs 1 to {MAX_USERNAME} characters.")
    if len(username_key(username)) > MAX_USERNAME_KEY:  # one character may stand for eighteen
        raise RefusedError("invalid_username", "The username is too long when it is spelled out.")
    if username != username.strip() or not username.isprintable():
        raise RefusedError(
            "invalid_username",
            "The username must not begin or end with a space or contain control characters.",
        )


def find_by_name(session: Session, username: str) -> User | None:
    """Return the account whose name is spelled this way or nearly so."""
    return session.scalar(select(User).where(User.username_key == username_key(username)))


def create(  # noqa: PLR0913 - the columns of an account
    session: Session,
    *,
    username: str,
    hashed_password: str,
    is_admin: bool = False,
    pending: bool = False,
    must_change_password: bool = False,
    provisioned: bool = False,
) -> User:
    """Add an account; raise RefusedError `username_taken` or `invalid_username`. A pending one can't log in yet."""
    check_username(username)
    if find_by_name(session, username) is not None:
        raise RefusedError("username_taken", "This username is already taken.")
    user = User(
        id=new_id(),
        username=username,
        username_key=username_key(username),
        hashed_password=hashed_password,
        is_admin=is_admin,
        is_active=not pending,
        pending=pending,
        must_change_password=must_change_password,
        provisioned=provisioned,
        created_at=utc_now(),
    )
    session.add(user)
    session.flush()
    return user


def set_password(
    session: Session,
    user_id: str,
    hashed_password: str,
    *,
    must_change: bool = False,
    keep_session: str | None = None,
) -> None:
    """Replace the password and end every session of the account except `keep_session`."""
    user = session.get_one(User, user_id)
    user.hashed_password = hashed_password
    user.must_change_password = must_change
    session.execute(
        delete(LoginSession).where(LoginSession.user_id == user_id, LoginSession.id != (keep_session or ""))
    )


def replace_password(session: Session, user_id: str, hashed_password: str, *, verified: str, keep_session: str) -> bool:
    """Replace a password whose hash `verified` the old one was compared with; False where it isn't that any more."""
    if find_unchanged(session, user_id, verified) is None:
        return False
    set_password(session, user_id, hashed_password, keep_session=keep_session)
    return True


def find_unchanged(session: Session, user_id: str, hashed_password: str) -> User | None:
    """Return an account that is active and still has this hash."""
    unchanged = (User.id == user_id, User.hashed_password == hashed_password, User.is_active)
    return session.scalar(select(User).where(*unchanged).with_for_update())


def has_active_admin(session: Session) -> bool:
    """Tell whether anybody can administer the service."""
    return bool(session.scalar(select(exists().where(User.is_admin, User.is_active))))


def list_admins(session: Session) -> Sequence[User]:
    """Return the administrators, oldest first."""
    return session.scalars(select(User).where(User.is_admin).order_by(User.created_at, User.id)).all()
