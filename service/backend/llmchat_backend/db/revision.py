"""Which schema this release knows. Kept apart from Alembic, which the running service doesn't load."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009")
"""Oldest first; a test holds this against Alembic's own list."""

HEAD = REVISIONS[-1]


class SchemaState(Enum):
    """How the database's schema compares with this release's."""

    CURRENT = "current"
    BEHIND = "behind"
    AHEAD = "ahead"  # a newer release migrated it; changes only expand until a release drops support, so it serves


def read_revision(session: Session) -> str | None:
    """Return the database's revision, None for one without tables."""
    if not inspect(session.connection()).has_table("alembic_version"):
        return None
    revision: str | None = session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def schema_state(revision: str | None) -> SchemaState:
    """Compare a revision with this release's."""
    if revision == HEAD:
        return SchemaState.CURRENT
    if revision is None or revision in REVISIONS:
        return SchemaState.BEHIND
    return SchemaState.AHEAD
