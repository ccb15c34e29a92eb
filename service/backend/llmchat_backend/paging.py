"""Cursors of lists that are ordered by a time, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from sqlalchemy import and_, or_

from llmchat_backend.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, and the cursor of the next ones: None at the end."""

    items: Sequence[T]
    next: str | None


def older_than(
    cursor: str, time: InstrumentedAttribute[datetime], row_id: InstrumentedAttribute[str]
) -> ColumnElement[bool]:
    """Return the condition of the rows that follow a cursor; raise RefusedError `bad_cursor`."""
    text, _, last_id = cursor.replace(" ", "+").partition("~")  # a "+" that nobody escaped arrives as a space
    try:
        at = datetime.fromisoformat(text)
        zoned = at.tzinfo is not None
        at = at.astimezone(UTC)  # OverflowError: a time that is before the first or after the last in UTC
    except (ValueError, OverflowError):
        zoned = False
    if not zoned:
        raise RefusedError("bad_cursor", "`before` must be the `next` of an earlier page.")
    return or_(time < at, and_(time == at, row_id < last_id))


def cursor_of(at: datetime, row_id: str) -> str:
    """Return the cursor that stands behind a row."""
    return f"{at.isoformat()}~{row_id}"
