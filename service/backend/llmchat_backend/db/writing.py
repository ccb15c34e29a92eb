"""Transactions that write are marked as such when they begin: each database has its own way to let them take turns."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_WRITING = "writing"


def for_writing(engine: Engine) -> Engine:
    """Return a view of the engine whose transactions wait for their turn to write before they read anything."""
    return engine.execution_options(**{_WRITING: True})


def writes(connection: Connection) -> bool:
    """Tell whether the transaction that begins here is one that writes."""
    return bool(connection.get_execution_options().get(_WRITING))
