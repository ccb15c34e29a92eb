"""Which schema this release knows. Kept apart from Alembic, which the running service doesn't load."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from sqlalchemy import Column, MetaData, String, Table, inspect, select, text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

# The tool reads both lists as text: nobody has to start an image to know what it would change.
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011")
"""Oldest first; a test holds this against Alembic's own list."""

OFFLINE: dict[str, int] = {}
"""Those that take away what the release before uses, so that it can't serve any more, and the seconds each is expected
to take: the tool makes them behind its maintenance page. All others only add.
"""

HEAD = REVISIONS[-1]

OFFLINE_TABLE = Table("offline_revisions", MetaData(), Column("revision", String(32), primary_key=True))
"""Which offline revisions the database has been through: no release that doesn't know them all may touch it. It is no
table of the models: the first offline revision brings it.
"""


class SchemaState(Enum):
    """How the database's schema compares with this release's."""

    CURRENT = "current"
    BEHIND = "behind"
    AHEAD = "ahead"  # a newer release migrated it, and all it did was to add: it serves
    BEYOND = "beyond"  # a newer release took away what this one uses: it must not serve


def read_revision(session: Session) -> str | None:
    """Return the database's revision, None for one without tables."""
    if not inspect(session.connection()).has_table("alembic_version"):
        return None
    revision: str | None = session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def read_offline(session: Session) -> frozenset[str]:
    """Return the offline revisions that the database has been through."""
    if not inspect(session.connection()).has_table(OFFLINE_TABLE.name):
        return frozenset()
    return frozenset(session.execute(select(OFFLINE_TABLE.c.revision)).scalars())


def read_state(session: Session) -> SchemaState:
    """Compare the database's schema with this release's."""
    return schema_state(read_revision(session), read_offline(session))


def schema_state(revision: str | None, offline: frozenset[str] = frozenset()) -> SchemaState:
    """Compare a revision, and the offline ones on the way to it, with this release's."""
    if not offline <= frozenset(REVISIONS):
        return SchemaState.BEYOND
    if revision == HEAD:
        return SchemaState.CURRENT
    if revision is None or revision in REVISIONS:
        return SchemaState.BEHIND
    return SchemaState.AHEAD
