"""A text that changes says itself that search doesn't know it: a slot of an earlier release doesn't say so."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"

_SQLITE = (
    """CREATE TRIGGER messages_changed AFTER UPDATE OF content ON messages
        WHEN new.indexed AND new.content IS NOT old.content BEGIN
        UPDATE messages SET indexed = 0 WHERE id = new.id;
    END""",
    """CREATE TRIGGER conversations_changed AFTER UPDATE OF title ON conversations
        WHEN new.indexed AND new.title IS NOT old.title BEGIN
        UPDATE conversations SET indexed = 0 WHERE id = new.id;
    END""",
)
_POSTGRESQL = (
    """CREATE FUNCTION not_indexed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        NEW.indexed := false;
        RETURN NEW;
    END $$""",
    """CREATE TRIGGER messages_changed BEFORE UPDATE OF content ON messages FOR EACH ROW
        WHEN (NEW.indexed AND NEW.content IS DISTINCT FROM OLD.content) EXECUTE FUNCTION not_indexed()""",
    """CREATE TRIGGER conversations_changed BEFORE UPDATE OF title ON conversations FOR EACH ROW
        WHEN (NEW.indexed AND NEW.title IS DISTINCT FROM OLD.title) EXECUTE FUNCTION not_indexed()""",
)


def upgrade() -> None:
    """Watch the texts that are indexed; nothing that this release writes is changed by it."""
    for statement in _SQLITE if op.get_context().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
