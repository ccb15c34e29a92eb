"""The table that search reads: the words of messages and titles. In SQLite a full-text index hangs on it by triggers.

Deleting a message, a conversation or a user takes their words with it. In the full-text index they are only marked; a
step in the background purges them.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from llmchat_backend.db.models import ID_LENGTH, Base

FULL_TEXT = "search_index"
"""SQLite's virtual table; its own tables are named after it. The revision that made it says what is in it."""


class SearchText(Base):
    """The words of a message, or, without one, of a conversation's title."""

    __tablename__ = "search_texts"

    # A number of its own: SQLite's hidden row numbers change when a database is compacted, as a backup does.
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(String(ID_LENGTH), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[str | None] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), unique=True)
    terms: Mapped[str] = mapped_column(Text)
