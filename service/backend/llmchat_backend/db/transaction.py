"""A transaction, begun as each database wants it: what writes waits for its turn before it reads anything.

Begun by a statement and not by SQLAlchemy's events: with one of those, each statement asks all kinds of listeners.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from llmchat_backend.db import postgres, sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

_TO_READ = {"sqlite": sqlite.BEGIN_TO_READ}
_TO_WRITE = {"sqlite": sqlite.BEGIN_TO_WRITE, "postgresql": postgres.BEGIN_TO_WRITE}


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one state of the database."""
    with engine.connect() as connection:
        if begin := _TO_READ.get(engine.dialect.name):
            connection.exec_driver_sql(begin)
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection that alone may write; commit at the end, roll back for an exception."""
    with engine.connect() as connection:
        connection.exec_driver_sql(_TO_WRITE[engine.dialect.name])
        yield connection
        connection.commit()
