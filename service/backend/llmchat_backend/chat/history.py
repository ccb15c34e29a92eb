"""What was said in a conversation so far, as far as a model is given it: words and files, no rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, select

from llmchat_backend.db.models import Attachment, Message, table_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_MESSAGES, _ATTACHMENTS = table_of(Message), table_of(Attachment)

# Built once: putting a statement together costs several times what running it does.
_SAID = (
    select(
        _MESSAGES.c.id,
        _MESSAGES.c.position,
        _MESSAGES.c.role,
        _MESSAGES.c.content,
        _MESSAGES.c.status,
        exists().where(_ATTACHMENTS.c.message_id == _MESSAGES.c.id),
    )
    .where(_MESSAGES.c.conversation_id == bindparam("conversation_id"))
    .order_by(_MESSAGES.c.position)
)
_ATTACHED = (
    select(
        _ATTACHMENTS.c.message_id,
        _ATTACHMENTS.c.id,
        _ATTACHMENTS.c.filename,
        _ATTACHMENTS.c.media_type,
        _ATTACHMENTS.c.size,
    )
    .join(_MESSAGES, _ATTACHMENTS.c.message_id == _MESSAGES.c.id)
    .where(_MESSAGES.c.conversation_id == bindparam("conversation_id"))
    .order_by(_ATTACHMENTS.c.created_at, _ATTACHMENTS.c.id)
)


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that hangs on a message."""

    id: str
    filename: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Said:
    """A message; its position is its place in the conversation."""

    id: str
    position: int
    role: str
    content: str
    status: str
    attachments: Sequence[Attached] = ()


def read(connection: Connection, conversation_id: str) -> list[Said]:
    """Return what was said, in order."""
    rows = connection.execute(_SAID, {"conversation_id": conversation_id}).all()
    attached: dict[str, list[Attached]] = {}
    if any(row[-1] for row in rows):
        for message_id, *file in connection.execute(_ATTACHED, {"conversation_id": conversation_id}):
            attached.setdefault(message_id, []).append(Attached(*file))
    return [Said(row.id, row.position, row.role, row.content, row.status, attached.get(row.id, ())) for row in rows]
