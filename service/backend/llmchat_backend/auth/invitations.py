"""Invitations: codes that let people register. A code is shown once, when it is made; only its hash is stored."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from llmchat_backend.clock import new_id, utc_now
from llmchat_backend.db.models import Invitation
from llmchat_backend.errors import RefusedError
from llmchat_backend.paging import Page, cursor_of, older_than

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

MAX_USES = 1000
MAX_DAYS = 365
_CODE_BYTES = 16  # nobody guesses 128 bits, so a plain hash is enough


@dataclass(frozen=True, slots=True)
class Made:
    """A new invitation and its code, which nobody can read again."""

    invitation: Invitation
    code: str


def create(session: Session, *, created_by: str, note: str, uses: int, days: int) -> Made:
    """Make a code that `uses` people may register with during the next `days`."""
    code = secrets.token_urlsafe(_CODE_BYTES)
    now = utc_now()
    invitation = Invitation(
        id=new_id(),
        code_hash=_hash(code),
        note=note,
        max_uses=uses,
        created_by=created_by,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(invitation)
    session.flush()
    return Made(invitation, code)


def page(session: Session, *, limit: int, before: str | None) -> Page[Invitation]:
    """Return invitations, newest first; raise RefusedError `bad_cursor`."""
    query = select(Invitation)
    if before is not None:
        query = query.where(older_than(before, Invitation.created_at, Invitation.id))
    found = session.scalars(query.order_by(Invitation.created_at.desc(), Invitation.id.desc()).limit(limit + 1)).all()
    items = found[:limit]
    return Page(items, cursor_of(items[-1].created_at, items[-1].id) if len(found) > limit else None)


def revoke(session: Session, invitation_id: str) -> Invitation:
    """Make a code worthless; raise RefusedError `invitation_not_found`."""
    invitation = session.get(Invitation, invitation_id)
    if invitation is None:
        raise RefusedError("invitation_not_found", "This invitation doesn't exist.")
    invitation.revoked_at = invitation.revoked_at or utc_now()
    return invitation


def check(session: Session, code: str) -> None:
    """Raise RefusedError `invitation_invalid` unless the code can be used right now; it stays unused."""
    if session.scalar(select(Invitation.id).where(*_usable(code))) is None:
        raise _invalid()


def redeem(session: Session, code: str) -> None:
    """Use a code once; raise RefusedError `invitation_invalid`. Of two who share its last use, one is refused."""
    used = update(Invitation).where(*_usable(code)).values(uses=Invitation.uses + 1).returning(Invitation.id)
    if session.scalar(used) is None:
        raise _invalid()


def _usable(code: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Invitation.code_hash == _hash(code),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > utc_now(),
        Invitation.uses < Invitation.max_uses,
    )


def _invalid() -> RefusedError:
    """Say the same of an unknown, used, expired and revoked code."""
    return RefusedError("invitation_invalid", "This invitation code is not valid, or not any more.")


def _hash(code: str) -> str:
    return hashlib.sha256(code.strip().encode(errors="replace")).hexdigest()
