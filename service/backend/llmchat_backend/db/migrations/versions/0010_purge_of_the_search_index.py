"""Words that are taken out of SQLite's full-text index are marked as such, and purged in small steps by the service.

With `secure-delete` each of them rewrote the pages it stood on, in the transaction that deleted it: minutes for a long
conversation, while nobody else could write.
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"

_PURGE = (
    "INSERT INTO search_index(search_index, rank) VALUES ('secure-delete', 0)",
    # Row 1: words were taken out since the last purge began; row 2: a purge is under way.
    "CREATE TABLE search_index_purge (id INTEGER PRIMARY KEY)",
    "INSERT INTO search_index_purge VALUES (1)",
    """CREATE TRIGGER search_texts_to_purge AFTER DELETE ON search_texts BEGIN
        INSERT OR IGNORE INTO search_index_purge VALUES (1);
    END""",
)


def upgrade() -> None:
    """Change the index of SQLite; no other database has one."""
    if op.get_context().dialect.name == "sqlite":
        for statement in _PURGE:
            op.execute(statement)
