"""Read an answer that this process doesn't write: from the database, where its owner saves it, or after its end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from llmchat_backend.chat import answer_events, sse
from llmchat_backend.chat.broadcast import PING_SECONDS
from llmchat_backend.chat.exchange import Status
from llmchat_backend.chat.model_events import Usage
from llmchat_backend.db.models import Conversation, Message
from llmchat_backend.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from sqlalchemy.orm import Session

    from llmchat_backend.chat.cursor import Cursor
    from llmchat_backend.db.engine import Database

POLL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Saved:
    """What is saved of an answer beyond what its reader has, and how it ended."""

    reasoning: str
    content: str
    status: str
    finish_reason: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None

    def end(self, message_id: str, at: Cursor) -> bytes:
        """Return the events after the text of an answer that has ended."""
        events = b""
        if self.prompt_tokens is not None and self.completion_tokens is not None:
            events += answer_events.usage(Usage(self.prompt_tokens, self.completion_tokens), at)
        if self.error_code is not None:
            events += answer_events.error(self.error_code, self.error_message or "", at)
        return events + answer_events.done(message_id, self.status, self.finish_reason, at)


def saved(session: Session, user_id: str, message_id: str, after: Cursor) -> Saved:
    """Return what is saved of a user's answer after a cursor; raise RefusedError `message_not_found`."""
    row = session.execute(
        select(
            func.substr(Message.reasoning, after.reasoning + 1),
            func.substr(Message.content, after.content + 1),
            Message.status,
            Message.finish_reason,
            Message.error_code,
            Message.error_message,
            Message.prompt_tokens,
            Message.completion_tokens,
        )
        .join(Conversation)
        .where(Message.id == message_id, Conversation.user_id == user_id, Message.role == "assistant")
    ).one_or_none()
    if row is None:
        raise RefusedError("message_not_found", "This answer doesn't exist.")
    return Saved(*row)


async def follow(
    database: Database, user_id: str, message_id: str, after: Cursor, first: Saved
) -> AsyncGenerator[bytes]:
    """Yield what was saved, then look for more until the answer has ended; one that was deleted ends as stopped."""
    yield sse.PING
    known, silent = first, 0.0
    while True:
        events, after = answer_events.rest(known.reasoning, known.content, after)
        if known.status != Status.RUNNING:
            yield events + known.end(message_id, after)
            return
        silent = 0.0 if events else silent + POLL_SECONDS
        if silent >= PING_SECONDS:
            events, silent = sse.PING, 0.0
        if events:
            yield events
        await asyncio.sleep(POLL_SECONDS)
        try:
            known = await database.read(saved, user_id, message_id, after)
        except RefusedError:
            known = Saved("", "", Status.STOPPED)
