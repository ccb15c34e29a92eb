"""Put what was written into the index, a moment later and in small steps: nobody's question waits for that.

What isn't indexed yet says so itself. That covers messages from before there was an index, those that a slot of an
earlier release writes during an update, and those of a process that was killed.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, true, update

from llmchat_backend.chat.exchange import Status
from llmchat_backend.db.models import Attachment, Conversation, Message, table_of
from llmchat_backend.db.search import SearchText
from llmchat_backend.search.purge import Purge
from llmchat_backend.search.terms import terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row, Update
    from sqlalchemy.orm import Session

    from llmchat_backend.db.engine import Database
    from llmchat_backend.db.gate import SchemaGate

logger = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 1.0
BREATH_SECONDS = 0.05
"""Between two steps, so that writers who wait get their turn."""

_AT_ONCE = 50
_CHARACTERS_AT_ONCE = 60_000

_TEXTS, _MESSAGES = table_of(SearchText), table_of(Message)
_CONVERSATIONS, _ATTACHMENTS = table_of(Conversation), table_of(Attachment)

# Built once: every question leaves three texts to index. The first one selects what has been said to its end.
_MESSAGES_TO_DO = (
    select(_MESSAGES.c.id, _MESSAGES.c.conversation_id, _MESSAGES.c.content, _CONVERSATIONS.c.user_id)
    .join(_CONVERSATIONS, _MESSAGES.c.conversation_id == _CONVERSATIONS.c.id)
    .where(_MESSAGES.c.indexed.is_(False), _MESSAGES.c.status != Status.RUNNING)
    .limit(bindparam("at_once"))
)
_FILENAMES = select(_ATTACHMENTS.c.message_id, _ATTACHMENTS.c.filename).where(
    _ATTACHMENTS.c.message_id.in_(bindparam("ids", expanding=True))
)
_MESSAGE_DONE = (
    update(_MESSAGES)
    .where(_MESSAGES.c.id == bindparam("which"), _MESSAGES.c.content == bindparam("as_cut"))
    .values(indexed=true())
)
_FORGET_MESSAGE = delete(_TEXTS).where(_TEXTS.c.message_id == bindparam("which"))
_TITLES_TO_DO = (
    select(_CONVERSATIONS.c.id, _CONVERSATIONS.c.user_id, _CONVERSATIONS.c.title)
    .where(_CONVERSATIONS.c.indexed.is_(False))
    .limit(bindparam("at_once"))
)
_TITLE_DONE = (
    update(_CONVERSATIONS)
    .where(_CONVERSATIONS.c.id == bindparam("which"), _CONVERSATIONS.c.title == bindparam("as_cut"))
    .values(indexed=true())
)
_FORGET_TITLE = delete(_TEXTS).where(_TEXTS.c.conversation_id == bindparam("which"), _TEXTS.c.message_id.is_(None))
_ADD = insert(_TEXTS)


async def keep_indexed(database: Database, gate: SchemaGate) -> None:
    """Index for ever, and purge what was deleted; a look that finds nothing to do costs two small reads."""
    purge = Purge()
    while True:
        try:
            if await gate.is_open():
                while await database.read_rows(is_behind):
                    cuts = await database.read_at_leisure(cut_some)
                    await database.write(index, cuts)
                    if not _is_much(cuts):
                        break  # what comes meanwhile is done together at the next look: each step has its price
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


def _is_much(cuts: Sequence[Cut]) -> bool:
    """Tell whether a step has taken so much that there may be more."""
    return len(cuts) >= _AT_ONCE or sum(len(cut.text) for cut in cuts) >= _CHARACTERS_AT_ONCE // 2


def cut_some(session: Session) -> Sequence[Cut]:
    """Cut some of what isn't indexed into words. That takes a while for a long text, so it is no part of a write."""
    rows = session.connection()
    found: list[Row[str, str, str, str]] = []
    characters = 0
    for message in rows.execute(_MESSAGES_TO_DO, {"at_once": _AT_ONCE}):
        if found and characters + len(message.content) > _CHARACTERS_AT_ONCE:
            break
        characters += len(message.content)
        found.append(message)
    names: dict[str, list[str]] = {}
    for message_id, filename in rows.execute(_FILENAMES, {"ids": [message.id for message in found]}):
        names.setdefault(message_id, []).append(filename)
    cuts = []
    for message in found:
        said = terms("\n".join([message.content, *names.get(message.id, [])]))
        cuts.append(Cut(message.user_id, message.conversation_id, message.id, message.content, said))
    titled = rows.execute(_TITLES_TO_DO, {"at_once": _AT_ONCE})
    return [*cuts, *(Cut(each.user_id, each.id, None, each.title, terms(each.title)) for each in titled)]


def index(session: Session, cuts: Sequence[Cut]) -> None:
    """Put words into the index; what was changed or deleted since it was cut is left to the next time."""
    rows = session.connection()
    messages = [
        cut for cut in cuts if cut.message_id is not None and _is_as_cut(rows, _MESSAGE_DONE, cut.message_id, cut)
    ]
    titles = [cut for cut in cuts if cut.message_id is None and _is_as_cut(rows, _TITLE_DONE, cut.conversation_id, cut)]
    if messages:
        rows.execute(_FORGET_MESSAGE, [{"which": cut.message_id} for cut in messages])
    if titles:
        rows.execute(_FORGET_TITLE, [{"which": cut.conversation_id} for cut in titles])
    if added := [_row(cut) for cut in (*messages, *titles) if cut.terms]:
        rows.execute(_ADD, added)


def _is_as_cut(rows: Connection, done: Update, which: str, cut: Cut) -> bool:
    """Note that a text is indexed, unless it isn't any more what was cut into words."""
    return rows.execute(done, {"which": which, "as_cut": cut.text}).rowcount > 0


def _row(cut: Cut) -> dict[str, str | None]:
    return {name: getattr(cut, name) for name in ("user_id", "conversation_id", "message_id", "terms")}


def is_behind(connection: Connection) -> bool:
    """Tell whether there is something to index."""
    looks = (connection.execute(each, {"at_once": 1}).first() for each in (_MESSAGES_TO_DO, _TITLES_TO_DO))
    return any(row is not None for row in looks)
