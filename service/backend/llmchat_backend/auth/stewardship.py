"""What administrators do to accounts: each act is noted in the audit, none removes the last active administrator."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import delete as delete_from
from sqlalchemy import select, update

from llmchat_backend.auth import accounts, audit, directory
from llmchat_backend.db.models import Attachment, Conversation, LoginSession, Message, User
from llmchat_backend.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from llmchat_backend.auth.audit import Actor
    from llmchat_backend.auth.directory import Role
    from llmchat_backend.usage.limits import OwnLimits


MESSAGES_AT_ONCE = 200
"""Of an account that is deleted, in one transaction: others wait no longer than for a message of theirs."""


def create(session: Session, actor: Actor, username: str, hashed_password: str, role: Role) -> User:
    """Add an account whose password its owner must replace; raise RefusedError as `accounts.create` does."""
    user = accounts.create(
        session,
        username=username,
        hashed_password=hashed_password,
        is_admin=role == "admin",
        must_change_password=True,
    )
    audit.about_user(session, actor, "user.create", user, role=role)
    return user


def approve(session: Session, actor: Actor, user_id: str) -> User:
    """Let in whoever waits for it; raise RefusedError `not_pending`."""
    user = _pending(session, user_id)
    user.pending, user.is_active = False, True
    audit.about_user(session, actor, "user.approve", user)
    return user


def reject(session: Session, actor: Actor, user_id: str) -> None:
    """Delete an account that waits for approval, so that its name is free again; raise RefusedError `not_pending`."""
    user = _pending(session, user_id)
    audit.about_user(session, actor, "user.reject", user)
    session.delete(user)


def deactivate(session: Session, actor: Actor, user_id: str) -> User:
    """Lock an account out at once, with all its data kept; raise RefusedError `last_admin` or `account_pending`."""
    user = _settled(session, user_id)
    _keep_an_admin(session, user)
    user.is_active = False
    _end_sessions(session, user)
    _stop_answers(session, user)
    audit.about_user(session, actor, "user.deactivate", user)
    return user


def reactivate(session: Session, actor: Actor, user_id: str) -> User:
    """Take a deactivation back; raise RefusedError `account_pending`."""
    user = _settled(session, user_id)
    user.is_active = True
    audit.about_user(session, actor, "user.reactivate", user)
    return user


def set_role(session: Session, actor: Actor, user_id: str, role: Role) -> User:
    """Make an administrator or a user of somebody, whose sessions end; raise RefusedError `last_admin`."""
    user = _settled(session, user_id)
    if user.is_admin == (role == "admin"):
        return user
    _keep_an_admin(session, user)
    user.is_admin = role == "admin"
    _end_sessions(session, user)
    audit.about_user(session, actor, "user.role", user, role=role)
    return user


def set_limits(session: Session, actor: Actor, user_id: str, limits: OwnLimits) -> User:
    """Give an account limits of its own."""
    user = directory.find(session, user_id)
    for name, value in asdict(limits).items():
        setattr(user, name, value)
    audit.about_user(session, actor, "user.limits", user, **asdict(limits))
    return user


def reset_password(session: Session, actor: Actor, user_id: str, hashed_password: str) -> User:
    """Give an account another password, which its owner must replace; its sessions end."""
    user = directory.find(session, user_id)
    accounts.set_password(session, user.id, hashed_password, must_change=True)
    audit.about_user(session, actor, "user.reset_password", user)
    return user


def begin_deletion(session: Session, actor: Actor, user_id: str) -> None:
    """Lock an account out for good; raise RefusedError `last_admin`. What is its own goes by `delete_some`."""
    user = directory.find(session, user_id)
    _keep_an_admin(session, user)
    user.is_active = user.pending = False
    _end_sessions(session, user)
    _stop_answers(session, user)
    audit.about_user(session, actor, "user.delete", user)


def delete_some(session: Session, user_id: str) -> bool:
    """Delete some messages of an account, or its conversations when no message is left; tell whether more is there."""
    own = select(Conversation.id).where(Conversation.user_id == user_id)
    some = session.scalars(select(Message.id).where(Message.conversation_id.in_(own)).limit(MESSAGES_AT_ONCE)).all()
    # Their files are still named by the account: whoever deletes that removes them.
    session.execute(update(Attachment).where(Attachment.message_id.in_(some)).values(message_id=None))
    session.execute(delete_from(Message).where(Message.id.in_(some)))
    if not some:
        session.execute(delete_from(Conversation).where(Conversation.user_id == user_id))
    return bool(some)


def delete(session: Session, user_id: str) -> Sequence[str]:
    """Delete an account with what is left of it; return the ids of files to remove once this is committed.

    Returns none for an account that is gone already.
    """
    user = session.get(User, user_id)
    if user is None:
        return ()
    files = session.scalars(select(Attachment.id).where(Attachment.user_id == user.id)).all()
    session.delete(user)
    return files


def _pending(session: Session, user_id: str) -> User:
    user = directory.find(session, user_id)
    if not user.pending:
        raise RefusedError("not_pending", "This account does not wait for approval.")
    return user


def _settled(session: Session, user_id: str) -> User:
    user = directory.find(session, user_id)
    if user.pending:
        raise RefusedError("account_pending", "This account waits for approval: approve or reject it.")
    return user


def _keep_an_admin(session: Session, user: User) -> None:
    """Raise RefusedError `last_admin` when nobody else could administer; locks the others against the same thought."""
    if not (user.is_admin and user.is_active):
        return
    admins = session.scalars(
        select(User.id).where(User.is_admin, User.is_active).order_by(User.id).with_for_update()
    ).all()
    if list(admins) == [user.id]:
        raise RefusedError("last_admin", "This is the last active administrator. Make another one first.")


def _stop_answers(session: Session, user: User) -> None:
    """Ask whoever writes them, in either slot, to stop: the next heartbeat sees it."""
    own = select(Conversation.id).where(Conversation.user_id == user.id)
    session.execute(
        update(Message).where(Message.conversation_id.in_(own), Message.status == "running").values(stop_requested=True)
    )


def _end_sessions(session: Session, user: User) -> None:
    session.execute(delete_from(LoginSession).where(LoginSession.user_id == user.id))
