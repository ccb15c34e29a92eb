"""Whole conversations to take away: everything that is stored of them, and as a text for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from llmchat_backend.chat import conversations
from llmchat_backend.chat.exchange import Status
from llmchat_backend.db.models import AnswerVersion, Conversation, Message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from llmchat_backend.chat.conversations import StoredMessage

_NAMES = {"user": "User", "assistant": "Assistant"}
_ENDINGS = {
    Status.RUNNING: "This answer is still being written.",
    Status.STOPPED: "This answer was stopped.",
    Status.INTERRUPTED: "This answer was interrupted.",
}


@dataclass(frozen=True, slots=True)
class Whole:
    """A conversation with its messages, and the answers that were replaced by the id of their question."""

    conversation: Conversation
    messages: Sequence[StoredMessage]
    replaced: Mapping[str, Sequence[AnswerVersion]]


def all_ids(session: Session, user_id: str) -> Sequence[str]:
    """Return the ids of a user's conversations, the oldest first."""
    return session.scalars(
        select(Conversation.id)
        .where(Conversation.user_id == user_id)
        .order_by(Conversation.created_at, Conversation.id)
    ).all()


def read(session: Session, user_id: str, conversation_id: str) -> Whole:
    """Return all of a conversation; raise RefusedError `conversation_not_found`."""
    conversation = conversations.get(session, user_id, conversation_id)
    replaced: dict[str, list[AnswerVersion]] = {}
    for version in session.scalars(
        select(AnswerVersion)
        .join(Message, AnswerVersion.question_id == Message.id)
        .where(Message.conversation_id == conversation_id)
        .order_by(AnswerVersion.created_at, AnswerVersion.id)
    ):
        replaced.setdefault(version.question_id, []).append(version)
    return Whole(conversation, conversations.messages(session, conversation_id), replaced)


def markdown(whole: Whole) -> str:
    """Return a conversation as Markdown: what was said as it is, a heading before each message."""
    return "\n\n".join(_blocks(whole)) + "\n"


def _blocks(whole: Whole) -> Iterator[str]:
    conversation = whole.conversation
    yield f"# {' '.join(conversation.title.split()) or 'Untitled'}"
    yield f"*{_when(conversation.created_at)}*"
    if conversation.system_prompt:
        yield "\n".join(f"> {line}".rstrip() for line in conversation.system_prompt.splitlines())
    for stored in whole.messages:
        message = stored.message
        model = f", {message.model_id}" if message.model_id else ""
        yield f"## {_NAMES.get(message.role, message.role)} ({_when(message.created_at)}{model})"
        if message.content.strip():
            yield message.content.strip("\n")
        if stored.attachments:
            yield "\n".join(f"- Attached: {attachment.filename}" for attachment in stored.attachments)
        if ending := message.error_message or message.error_code or _ENDINGS.get(Status(message.status)):
            yield f"*{ending}*"


def _when(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC")
