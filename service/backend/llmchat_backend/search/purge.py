"""Take the words of what was deleted out of SQLite's full-text index for good, in steps that hold up nobody.

A deletion only marks them: they are found no more, and lie in the file until the index is merged. A merge writes the
whole index anew, so it begins at most once in a while, however much is deleted meanwhile.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

EVERY_SECONDS = 3600
_PAGES_AT_ONCE = 100
_TO_PURGE, _UNDER_WAY = 1, 2

_STATE = text("SELECT id FROM search_index_purge")
_ADD = text("INSERT OR IGNORE INTO search_index_purge VALUES (:id)")
_REMOVE = text("DELETE FROM search_index_purge WHERE id = :id")
_MERGE = text("INSERT INTO search_index(search_index, rank) VALUES ('merge', :pages)")
_CHANGES = text("SELECT total_changes()")


class Purge:
    """Says when to go on; a purge that was cut is finished by whoever runs next."""

    def __init__(self) -> None:
        self._next = time.monotonic()

    def is_due(self, session: Session) -> bool:
        """Tell whether there is a step to do now."""
        if session.get_bind().dialect.name != "sqlite":
            return False
        state = set(session.scalars(_STATE))
        return _UNDER_WAY in state or (_TO_PURGE in state and time.monotonic() >= self._next)

    def step(self, session: Session) -> None:
        """Begin a purge, or do some more of it."""
        self._next = time.monotonic() + EVERY_SECONDS
        purge_some(session)


def purge_some(session: Session) -> None:
    """Merge a few pages; what is deleted during a purge is left to the next one."""
    begins = _UNDER_WAY not in set(session.scalars(_STATE))
    if begins:
        session.execute(_REMOVE, {"id": _TO_PURGE})
        session.execute(_ADD, {"id": _UNDER_WAY})
    before = session.scalar(_CHANGES) or 0
    # SQLite's documentation of FTS5, "merge": a negative number begins with every segment, and less than two changes
    # say that there was nothing left to do.
    session.execute(_MERGE, {"pages": -_PAGES_AT_ONCE if begins else _PAGES_AT_ONCE})
    if (session.scalar(_CHANGES) or 0) - before < 2:  # noqa: PLR2004
        session.execute(_REMOVE, {"id": _UNDER_WAY})
