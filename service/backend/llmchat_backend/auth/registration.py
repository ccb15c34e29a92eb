"""Who may make an account of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from llmchat_backend.auth import accounts, invitations
from llmchat_backend.db.models import User
from llmchat_backend.errors import RefusedError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from llmchat_backend.settings import RegistrationPolicy


MAX_PENDING = 500
"""Accounts that wait for approval: nobody looks through more, and whoever floods the queue is to be noticed."""


def check(session: Session, policy: RegistrationPolicy, code: str | None) -> None:
    """Raise RefusedError `registration_closed`, `invitation_required`, `invitation_invalid` or `too_many_pending`.

    It comes before the password is hashed: whoever is refused costs no third of a second.
    """
    if policy == "closed":
        raise RefusedError("registration_closed", "Registration is closed. Ask an administrator.")
    if policy == "approval" and (session.scalar(select(func.count()).where(User.pending)) or 0) >= MAX_PENDING:
        raise RefusedError("too_many_pending", "Too many accounts wait for approval. Ask an administrator.")
    if policy == "invite":
        invitations.check(session, _required(code))


def register(
    session: Session, policy: RegistrationPolicy, username: str, hashed_password: str, code: str | None
) -> User:
    """Add an account as the policy allows; raise RefusedError as `check` and `accounts.create` do."""
    check(session, policy, code)
    if policy == "invite":
        invitations.redeem(session, _required(code))  # undone with the transaction when the name is taken
    return accounts.create(session, username=username, hashed_password=hashed_password, pending=policy == "approval")


def _required(code: str | None) -> str:
    if not code:
        raise RefusedError("invitation_required", "An invitation code is needed to register here.")
    return code
