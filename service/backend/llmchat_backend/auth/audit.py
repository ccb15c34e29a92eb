"""The audit of administrators' acts: written in the transaction of the act, so that there is none without the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from llmchat_backend.clock import new_id, utc_now
from llmchat_backend.db.models import AuditEntry
from llmchat_backend.paging import Page, cursor_of, older_than

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from llmchat_backend.db.models import Invitation, User


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts."""

    id: str | None
    name: str


OPERATOR = Actor(None, "operator")
"""Whoever runs the deploy tool on the machine."""


def about_user(session: Session, actor: Actor, action: str, user: User, **details: Any) -> None:
    """Note an act on an account."""
    _add(session, actor, action, user.id, user.username, details=details)


def about_invitation(session: Session, actor: Actor, action: str, invitation: Invitation, **details: Any) -> None:
    """Note an act on an invitation."""
    _add(session, actor, action, invitation.id, invitation.note, details=details)


def page(session: Session, *, limit: int, before: str | None) -> Page[AuditEntry]:
    """Return entries, newest first; raise RefusedError `bad_cursor`."""
    query = select(AuditEntry)
    if before is not None:
        query = query.where(older_than(before, AuditEntry.at, AuditEntry.id))
    found = session.scalars(query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit + 1)).all()
    items = found[:limit]
    return Page(items, cursor_of(items[-1].at, items[-1].id) if len(found) > limit else None)


def _add(  # noqa: PLR0913 - who did what to whom
    session: Session, actor: Actor, action: str, target_id: str, target_name: str, *, details: dict[str, Any]
) -> None:
    session.add(
        AuditEntry(
            id=new_id(),
            at=utc_now(),
            actor_id=actor.id,
            actor_name=actor.name,
            action=action,
            target_id=target_id,
            target_name=target_name,
            details=details,
        )
    )
