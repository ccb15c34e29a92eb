"""What the operator does to administrators from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmchat_backend.auth import accounts, audit
from llmchat_backend.auth.audit import OPERATOR
from llmchat_backend.errors import RefusedError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from llmchat_backend.db.models import User


def ensure(session: Session, username: str, hashed: str, *, must_change: bool, replace_unused: bool) -> dict[str, Any]:
    """Create an administrator unless an active one exists; a name somebody registered is never promoted."""
    if not accounts.has_active_admin(session):
        user = accounts.create(
            session,
            username=username,
            hashed_password=hashed,
            is_admin=True,
            must_change_password=must_change,
            provisioned=True,
        )
        audit.about_user(session, OPERATOR, "user.create", user, role="admin")
        return {"created": True, "username": username}
    active = [user for user in accounts.list_admins(session) if user.is_active]
    only = active[0]
    if replace_unused and len(active) == 1 and only.provisioned and only.last_login_at is None:
        accounts.set_password(session, only.id, hashed, must_change=must_change)
        audit.about_user(session, OPERATOR, "user.reset_password", only)
        return {"created": False, "replaced": True, "username": only.username}
    return {"created": False, "username": only.username}


def create(session: Session, username: str, hashed: str, *, must_change: bool) -> dict[str, Any]:
    """Create an administrator; raise RefusedError `username_taken` or `invalid_username`."""
    user = accounts.create(
        session, username=username, hashed_password=hashed, is_admin=True, must_change_password=must_change
    )
    audit.about_user(session, OPERATOR, "user.create", user, role="admin")
    return {"created": True, "username": user.username}


def reset_password(session: Session, username: str, hashed: str, *, must_change: bool) -> dict[str, Any]:
    """Set anybody's password and end their sessions; raise RefusedError `unknown_user`."""
    user = accounts.find_by_name(session, username)
    if user is None:
        raise RefusedError("unknown_user", f"There is no user {username!r}.")
    accounts.set_password(session, user.id, hashed, must_change=must_change)
    audit.about_user(session, OPERATOR, "user.reset_password", user)
    return {"reset": True, "username": user.username}


def describe(user: User) -> dict[str, Any]:
    """Return what `admin list` shows."""
    return {
        "username": user.username,
        "is_active": user.is_active,
        "must_change_password": user.must_change_password,
        "created_at": user.created_at.isoformat(),
        "last_login_at": user.last_login_at.isoformat() if user.last_login_at else None,
    }
