"""Stored conversations: list, create, read, change, delete. Every query names the user: nobody reads another's chat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete as sql_delete
from sqlalchemy import exists, func, select

from llmchat_backend.clock import new_id, utc_now
from llmchat_backend.db.models import AnswerVersion, Attachment, Conversation, Message
from llmchat_backend.errors import RefusedError
from llmchat_backend.paging import Page, cursor_of, older_than

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from llmchat_backend.chat.history import Said

MAX_TITLE = 200
_DERIVED_TITLE = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which conversations: so many after a cursor, in use or archived, pinned, not pinned, or both (None)."""

    limit: int
    before: str | None = None
    archived: bool = False
    pinned: bool | None = None


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message with what was attached to it."""

    message: Message
    attachments: Sequence[Attachment]
    earlier: int = 0
    """How many answers to the same question it has replaced."""


def page(session: Session, user_id: str, wanted: Wanted) -> Page[Conversation]:
    """Return the conversations somebody wants to see; raise RefusedError `bad_cursor`."""
    query = select(Conversation).where(Conversation.user_id == user_id, Conversation.archived.is_(wanted.archived))
    if wanted.pinned is not None:
        query = query.where(Conversation.pinned.is_(wanted.pinned))
    if wanted.before is not None:
        query = query.where(older_than(wanted.before, Conversation.updated_at, Conversation.id))
    limit = wanted.limit
    query = query.order_by(Conversation.updated_at.desc(), Conversation.id.desc()).limit(limit + 1)
    found = session.scalars(query).all()
    items = found[:limit]
    return Page(items, cursor_of(items[-1].updated_at, items[-1].id) if len(found) > limit else None)


def create(session: Session, user_id: str, values: Mapping[str, Any]) -> Conversation:
    """Begin an empty conversation with these columns."""
    now = utc_now()
    conversation = Conversation(id=new_id(), user_id=user_id, title="", created_at=now, updated_at=now, **values)
    session.add(conversation)
    return conversation


def get(session: Session, user_id: str, conversation_id: str) -> Conversation:
    """Return a conversation of this user; raise RefusedError `conversation_not_found`."""
    conversation = session.scalar(
        select(Conversation).where(Conversation.id == conversation_id, Conversation.user_id == user_id)
    )
    if conversation is None:
        raise not_found()
    return conversation


def not_found() -> RefusedError:
    """Return the refusal `conversation_not_found`: there is none, or it is another user's."""
    return RefusedError("conversation_not_found", "This conversation doesn't exist.")


def get_for_change(session: Session, user_id: str, conversation_id: str) -> Conversation:
    """Return a conversation that no other transaction changes before this one ends."""
    get(session, user_id, conversation_id)
    # SQLite has one writer anyway, and SQLAlchemy leaves FOR UPDATE out there.
    return session.get_one(Conversation, conversation_id, with_for_update=True, populate_existing=True)


def change(session: Session, user_id: str, conversation_id: str, values: Mapping[str, Any]) -> Conversation:
    """Set these columns; the order of the list stays as it is."""
    conversation = get(session, user_id, conversation_id)
    for name, value in values.items():
        setattr(conversation, name, value)
    if "title" in values:
        conversation.indexed = False
    return conversation


def delete(session: Session, user_id: str, conversation_id: str) -> Sequence[str]:
    """Delete a conversation with all that hangs on it; return the ids of files to remove once this is committed."""
    conversation = get(session, user_id, conversation_id)
    attachment_ids = session.scalars(
        select(Attachment.id).join(Message).where(Message.conversation_id == conversation_id)
    ).all()
    session.delete(conversation)
    return attachment_ids


def forget_unused(session: Session, before: datetime, limit: int) -> int:
    """Delete conversations begun before then in which nothing was asked, named or chosen; return how many, at most."""
    chosen = (Conversation.system_prompt, Conversation.temperature, Conversation.top_p, Conversation.max_tokens)
    unused = (
        Conversation.title == "",
        Conversation.updated_at < before,
        Conversation.pinned.is_(False),
        *(column.is_(None) for column in chosen),
        ~exists().where(Message.conversation_id == Conversation.id),
    )
    ids = session.scalars(select(Conversation.id).where(*unused).limit(limit)).all()
    if ids:
        session.execute(sql_delete(Conversation).where(Conversation.id.in_(ids)))
    return len(ids)


def messages(session: Session, conversation_id: str) -> list[StoredMessage]:
    """Return the messages of a conversation in order."""
    attachments: dict[str, list[Attachment]] = {}
    for attachment in session.scalars(
        select(Attachment)
        .join(Message)
        .where(Message.conversation_id == conversation_id)
        .order_by(Attachment.created_at, Attachment.id)
    ):
        attachments.setdefault(attachment.message_id or "", []).append(attachment)
    replaced = dict(
        session.execute(
            select(AnswerVersion.question_id, func.count())
            .join(Message, AnswerVersion.question_id == Message.id)
            .where(Message.conversation_id == conversation_id)
            .group_by(AnswerVersion.question_id)
        ).all()
    )
    found: list[StoredMessage] = []
    query = select(Message).where(Message.conversation_id == conversation_id).order_by(Message.position)
    for message in session.scalars(query):
        answers = found[-1].message.id if found and message.role == "assistant" else ""
        found.append(StoredMessage(message, attachments.get(message.id, []), replaced.get(answers, 0)))
    return found


def derived_title(first: Said) -> str:
    """Name a conversation after its first question."""
    return derive_title(first.content, [attachment.filename for attachment in first.attachments])


def derive_title(content: str, filenames: Sequence[str]) -> str:
    """Name a conversation after its first line, or its first file."""
    first_line = next((line.strip() for line in content.splitlines() if line.strip()), "")
    title = first_line or next(iter(filenames), "")
    return title if len(title) <= _DERIVED_TITLE else title[: _DERIVED_TITLE - 1].rstrip() + "…"
