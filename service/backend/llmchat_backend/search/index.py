"""Put what was written into the index, a moment later and in small steps: nobody's question waits for that.

What isn't indexed yet says so itself. That covers messages from before there was an index, those that a slot of an
earlier release writes during an update, and those of a process that was killed.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from llmchat_backend.chat.answer_store import Status
from llmchat_backend.db.models import Attachment, Conversation, Message
from llmchat_backend.db.search import SearchText
from llmchat_backend.search.purge import Purge
from llmchat_backend.search.terms import terms

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from llmchat_backend.db.engine import Database
    from llmchat_backend.db.gate import SchemaGate

logger = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 1.0
BREATH_SECONDS = 0.05
"""Between two steps, so that writers who wait get their turn."""

_AT_ONCE = 50
_CHARACTERS_AT_ONCE = 60_000


async def keep_indexed(database: Database, gate: SchemaGate) -> None:
    """Index for ever, and purge what was deleted; a look that finds nothing to do costs two small reads."""
    purge = Purge()
    while True:
        try:
            if await gate.is_open():
                while await database.read(_is_behind):
                    await database.write(index_some)
                    await asyncio.sleep(BREATH_SECONDS)
                if await database.read(purge.is_due):
                    await database.write(purge.step)
                    await asyncio.sleep(BREATH_SECONDS)
                    continue
        except Exception:
            logger.exception("indexing failed")
        await asyncio.sleep(LOOK_EVERY_SECONDS)


def index_some(session: Session) -> None:
    """Index some of what isn't."""
    done: list[tuple[Message, str]] = []
    characters = 0
    for message, user_id in session.execute(_unindexed_messages().limit(_AT_ONCE)):
        if done and characters + len(message.content) > _CHARACTERS_AT_ONCE:
            break
        characters += len(message.content)
        done.append((message, user_id))
    names = _filenames(session, [message.id for message, _ in done])
    session.execute(delete(SearchText).where(SearchText.message_id.in_([message.id for message, _ in done])))
    for message, user_id in done:
        found = terms("\n".join([message.content, *names.get(message.id, [])]))
        if found:
            session.add(
                SearchText(user_id=user_id, conversation_id=message.conversation_id, message_id=message.id, terms=found)
            )
    session.execute(update(Message).where(Message.id.in_([message.id for message, _ in done])).values(indexed=True))
    _index_titles(session)


def _index_titles(session: Session) -> None:
    unindexed = select(Conversation).where(Conversation.indexed.is_(False)).limit(_AT_ONCE)
    conversations = session.scalars(unindexed).all()
    ids = [conversation.id for conversation in conversations]
    session.execute(delete(SearchText).where(SearchText.conversation_id.in_(ids), SearchText.message_id.is_(None)))
    for conversation in conversations:
        if found := terms(conversation.title):
            session.add(SearchText(user_id=conversation.user_id, conversation_id=conversation.id, terms=found))
    session.execute(update(Conversation).where(Conversation.id.in_(ids)).values(indexed=True))


def _is_behind(session: Session) -> bool:
    messages = session.execute(_unindexed_messages().with_only_columns(Message.id).limit(1)).first()
    titles = session.scalar(select(Conversation.id).where(Conversation.indexed.is_(False)).limit(1))
    return messages is not None or titles is not None


def _unindexed_messages() -> Select[Message, str]:
    """Select what has been said to its end."""
    return (
        select(Message, Conversation.user_id)
        .join(Conversation)
        .where(Message.indexed.is_(False), Message.status != Status.RUNNING)
    )


def _filenames(session: Session, message_ids: list[str]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for attachment in session.scalars(select(Attachment).where(Attachment.message_id.in_(message_ids))):
        names.setdefault(attachment.message_id or "", []).append(attachment.filename)
    return names
