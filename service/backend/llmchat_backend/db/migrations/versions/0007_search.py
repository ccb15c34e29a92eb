"""Search over messages and titles; what is there already is indexed by the running service, a few at a time."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_FULL_TEXT = (
    # Words come with spaces between them, so this tokenizer has nothing to decide; the text stays in search_texts.
    """CREATE VIRTUAL TABLE search_index USING fts5(
        user_id, terms, content='search_texts', content_rowid='id', tokenize='ascii'
    )""",
    # What is taken out is out, not just marked as such until the next merge.
    "INSERT INTO search_index(search_index, rank) VALUES ('secure-delete', 1)",
    """CREATE TRIGGER search_texts_added AFTER INSERT ON search_texts BEGIN
        INSERT INTO search_index(rowid, user_id, terms) VALUES (new.id, new.user_id, new.terms);
    END""",
    """CREATE TRIGGER search_texts_removed AFTER DELETE ON search_texts BEGIN
        INSERT INTO search_index(search_index, rowid, user_id, terms)
        VALUES ('delete', old.id, old.user_id, old.terms);
    END""",
    """CREATE TRIGGER search_texts_changed AFTER UPDATE ON search_texts BEGIN
        INSERT INTO search_index(search_index, rowid, user_id, terms)
        VALUES ('delete', old.id, old.user_id, old.terms);
        INSERT INTO search_index(rowid, user_id, terms) VALUES (new.id, new.user_id, new.terms);
    END""",
)


def upgrade() -> None:
    """Create the table of words and, in SQLite, the full-text index on it."""
    unindexed: dict[str, Any] = {
        "sqlite_where": sa.text("indexed IS 0"),
        "postgresql_where": sa.text("indexed IS false"),
    }
    for table in ("messages", "conversations"):
        op.add_column(table, sa.Column("indexed", sa.Boolean(), nullable=False, server_default=sa.false()))
        op.create_index(f"ix_{table}_unindexed", table, ["id"], **unindexed)
    op.create_table(
        "search_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("conversation_id", sa.String(length=36), nullable=False),
        sa.Column("message_id", sa.String(length=36), nullable=True),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_search_texts_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_search_texts_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_texts")),
        sa.UniqueConstraint("message_id", name=op.f("uq_search_texts_message_id")),
    )
    op.create_index(op.f("ix_search_texts_conversation_id"), "search_texts", ["conversation_id"])
    op.create_index(op.f("ix_search_texts_user_id"), "search_texts", ["user_id"])
    if op.get_context().dialect.name == "sqlite":
        for statement in _FULL_TEXT:
            op.execute(statement)
