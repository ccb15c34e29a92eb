"""The accounts as administrators see them: searched, in pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sqlalchemy import select

from llmchat_backend.auth.accounts import username_key
from llmchat_backend.db.models import User
from llmchat_backend.errors import RefusedError
from llmchat_backend.paging import Page

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

Status = Literal["active", "pending", "deactivated"]
Role = Literal["user", "admin"]


def status_of(user: User) -> Status:
    """Tell whether an account can be used."""
    if user.pending:
        return "pending"
    return "active" if user.is_active else "deactivated"


def find(session: Session, user_id: str) -> User:
    """Return an account; raise RefusedError `user_not_found`."""
    user = session.get(User, user_id)
    if user is None:
        raise RefusedError("user_not_found", "This user doesn't exist.")
    return user


def page(  # noqa: PLR0913 - one filter for each column of the list
    session: Session, *, search: str, status: Status | None, role: Role | None, limit: int, after: str | None
) -> Page[User]:
    """Return accounts in the order of their names; `after` is the `next` of the page before."""
    query = select(User)
    if search:
        query = query.where(User.username_key.contains(username_key(search), autoescape=True))
    if status is not None:
        query = query.where(*_HAS_STATUS[status])
    if role is not None:
        query = query.where(User.is_admin.is_(role == "admin"))
    if after is not None:
        query = query.where(User.username_key > username_key(after))
    found = session.scalars(query.order_by(User.username_key).limit(limit + 1)).all()
    items = found[:limit]
    return Page(items, items[-1].username if len(found) > limit else None)


_HAS_STATUS: dict[Status, tuple[ColumnElement[bool], ...]] = {
    "active": (User.is_active.is_(True),),
    "pending": (User.pending.is_(True),),
    "deactivated": (User.is_active.is_(False), User.pending.is_(False)),
}
