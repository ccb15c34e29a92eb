"""Put what was written into the index, a moment later and in small steps: nobody's question waits for that.

What isn't indexed yet says so itself. That covers messages from before there was an index, those that a slot of an
earlier release writes during an update, and those of a process that was killed.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import and_, delete, select, update

from llmchat_backend.chat.answer_store import Status
from llmchat_backend.db.models import Attachment, Conversation, Message
from llmchat_backend.db.search import SearchText
from llmchat_backend.search.purge import Purge
from llmchat_backend.search.terms import terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import CursorResult, Select
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
                    await database.write(index, await database.read_at_leisure(cut_some))
                    await asyncio.sleep(BREATH_SECONDS)
                if await database.read(purge.is_due):
                    await database.write(purge.step)
                    await asyncio.sleep(BREATH_SECONDS)
                    continue
        except Exception:
            logger.exception("indexing failed")
        await asyncio.sleep(LOOK_EVERY_SECONDS)


@dataclass(frozen=True, slots=True)
class Cut:
    """A message, or without one a conversation's title, and the words of its text."""

    user_id: str
    conversation_id: str
    message_id: str | None
    text: str
    terms: str


def cut_some(session: Session) -> Sequence[Cut]:
    """Cut some of what isn't indexed into words. That takes a while for a long text, so it is no part of a write."""
    found: list[tuple[Message, str]] = []
    characters = 0
    for message, user_id in session.execute(_unindexed_messages().limit(_AT_ONCE)):
        if found and characters + len(message.content) > _CHARACTERS_AT_ONCE:
            break
        characters += len(message.content)
        found.append((message, user_id))
    names = _filenames(session, [message.id for message, _ in found])
    cuts = []
    for message, user_id in found:
        said = terms("\n".join([message.content, *names.get(message.id, [])]))
        cuts.append(Cut(user_id, message.conversation_id, message.id, message.content, said))
    titled = session.scalars(select(Conversation).where(Conversation.indexed.is_(False)).limit(_AT_ONCE))
    return [*cuts, *(Cut(each.user_id, each.id, None, each.title, terms(each.title)) for each in titled)]


def index(session: Session, cuts: Sequence[Cut]) -> None:
    """Put words into the index; what was changed or deleted since it was cut is left to the next time."""
    for cut in cuts:
        if cut.message_id is None:
            unchanged = (Conversation.id == cut.conversation_id, Conversation.title == cut.text)
            noted = update(Conversation).where(*unchanged)
            indexed = and_(SearchText.conversation_id == cut.conversation_id, SearchText.message_id.is_(None))
        else:
            noted = update(Message).where(Message.id == cut.message_id, Message.content == cut.text)
            indexed = SearchText.message_id == cut.message_id
        if cast("CursorResult[Any]", session.execute(noted.values(indexed=True))).rowcount == 0:
            continue
        session.execute(delete(SearchText).where(indexed))
        if cut.terms:
            session.add(
                SearchText(
                    user_id=cut.user_id,
                    conversation_id=cut.conversation_id,
                    message_id=cut.message_id,
                    terms=cut.terms,
                )
            )


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
