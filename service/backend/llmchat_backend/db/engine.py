"""The engine, and the one way to use it from asynchronous code: a function of a session, run in a thread.

No session outlives its function, so none is ever held open while an answer streams.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from sqlalchemy.orm import Session

from llmchat_backend.db import postgres, sqlite
from llmchat_backend.db.lane import Lane
from llmchat_backend.db.writing import for_writing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection, Engine

P = ParamSpec("P")
T = TypeVar("T")

# SQLite has one writer. Writers that queue here wait for exactly as long as they must; those that meet at the file's
# lock poll it with growing pauses of up to 100 ms. Only the other slot's writer is ever met there.
_WRITERS = 1
_READERS = 3
_AT_LEISURE = 1  # what may take long has a thread of its own: every request asks a reader whose it is


class Database:
    """Run functions of a session: `read` for queries, `write` for a transaction that commits on return.

    Those named `rows` do the same for functions of a connection. Without a session around it a query costs half, and
    every question needs some.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = for_writing(engine)
        self._writers = Lane("writer", _WRITERS)
        self._readers = Lane("reader", _READERS)
        self._at_leisure = Lane("at-leisure", _AT_LEISURE)

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The queues of calls, for those who count."""
        return (self._writers, self._readers, self._at_leisure)

    def read_now(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in a read transaction, in this thread."""
        with Session(self.engine, expire_on_commit=False) as session:
            return work(session, *args, **kwargs)

    def write_now(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in a write transaction, in this thread; an exception rolls it back."""
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            return work(session, *args, **kwargs)

    async def read(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in a read transaction, in a thread of the database's own."""
        return await self._readers.submit(partial(self.read_now, work, *args, **kwargs))

    async def read_at_leisure(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work`, which may take long, in a read transaction; such calls take turns and hold up no other."""
        return await self._at_leisure.submit(partial(self.read_now, work, *args, **kwargs))

    async def write(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in a write transaction, in the writer's thread; calls take turns."""
        return await self._writers.submit(partial(self.write_now, work, *args, **kwargs))

    def read_rows_now(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` as `read_now` does, with a connection."""
        with self.engine.connect() as connection:
            return work(connection, *args, **kwargs)

    def write_rows_now(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` as `write_now` does, with a connection."""
        with self._writing.begin() as connection:
            return work(connection, *args, **kwargs)

    async def read_rows(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` as `read` does, with a connection."""
        return await self._readers.submit(partial(self.read_rows_now, work, *args, **kwargs))

    async def write_rows(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` as `write` does, with a connection."""
        return await self._writers.submit(partial(self.write_rows_now, work, *args, **kwargs))

    def close(self) -> None:
        """Finish what runs and close every connection."""
        self._writers.close()
        self._readers.close()
        self._at_leisure.close()
        self.engine.dispose()


def open_database(where: Path | str) -> Database:
    """Open a SQLite file, created when missing, or a `postgresql://` URL; its tables are `migrate`'s work."""
    pool_size = _WRITERS + _READERS + _AT_LEISURE
    if isinstance(where, str):
        return Database(postgres.create_engine(where, pool_size=pool_size))
    return Database(sqlite.create_engine(where, pool_size=pool_size))
