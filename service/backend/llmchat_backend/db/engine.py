"""The engine, and the one way to use it from asynchronous code: a function of a session, run in a thread.

No session outlives its function, so none is ever held open while an answer streams.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from llmchat_backend.db import postgres, sqlite
from llmchat_backend.db.lane import Lane, Outcome
from llmchat_backend.db.transaction import reading, writing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sqlalchemy import Connection, Engine

P = ParamSpec("P")
T = TypeVar("T")

# SQLite has one writer. Writers that queue here wait for exactly as long as they must; those that meet at the file's
# lock poll it with growing pauses of up to 100 ms. Only the other slot's writer is ever met there.
_WRITERS = 1
_GATHER_SECONDS = 0.008  # before a transaction, while many come
_READERS = 3
_AT_LEISURE = 1  # what may take long has a thread of its own: every request asks a reader whose it is


class Database:
    """Run functions of a session: `read` for queries, `write` for a transaction that commits on return.

    `work` may be run twice, the first time undone: it changes nothing but the database, and makes what it stores.

    Those named `rows` do the same for functions of a connection. Without a session around it a query costs half, and
    every question needs some.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writers = Lane("writer", _WRITERS, self._write_all, gather=_GATHER_SECONDS)
        self._readers = Lane("reader", _READERS, self._read_all)
        self._at_leisure = Lane("at-leisure", _AT_LEISURE, self._read_all)

    @property
    def lanes(self) -> tuple[Lane[Connection], ...]:
        """The queues of calls, for those who count."""
        return (self._writers, self._readers, self._at_leisure)

    def read_now(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in a read transaction, in this thread."""
        return self._read(lambda connection: _in_session(connection, work, *args, **kwargs))

    def write_now(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in a write transaction, in this thread; an exception rolls it back."""
        return self._write(lambda connection: _in_session(connection, work, *args, **kwargs))

    async def read(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in a read transaction, in a thread of the database's own."""
        return await self._readers.submit(lambda connection: _in_session(connection, work, *args, **kwargs))

    async def read_at_leisure(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work`, which may take long, in a read transaction; such calls take turns and hold up no other."""
        return await self._at_leisure.submit(lambda connection: _in_session(connection, work, *args, **kwargs))

    async def write(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in a write transaction, in the writer's thread; calls take turns."""
        return await self._writers.submit(lambda connection: _in_session(connection, work, *args, **kwargs))

    async def read_rows(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` as `read` does, with a connection."""
        return await self._readers.submit(lambda connection: work(connection, *args, **kwargs))

    async def write_rows(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` as `write` does, with a connection."""
        return await self._writers.submit(lambda connection: work(connection, *args, **kwargs))

    def close(self) -> None:
        """Finish what runs and close every connection."""
        self._writers.close()
        self._readers.close()
        self._at_leisure.close()
        self.engine.dispose()

    def _read(self, call: Callable[[Connection], T]) -> T:
        with reading(self.engine) as connection:
            return call(connection)

    def _write(self, call: Callable[[Connection], T]) -> T:
        with writing(self.engine) as connection:
            return call(connection)

    def _read_all(self, calls: Sequence[Callable[[Connection], Any]]) -> Sequence[Outcome]:
        """Run calls in one transaction; one that fails in the database, or after one that lost it, runs again alone."""
        if len(calls) == 1:
            return [Outcome.of(self._read, calls[0])]
        together = Outcome.of(self._read, lambda connection: [Outcome.of(call, connection) for call in calls])
        outcomes = together.result or [together for _ in calls]
        return [
            Outcome.of(self._read, call) if isinstance(outcome.error, SQLAlchemyError) else outcome
            for call, outcome in zip(calls, outcomes, strict=True)
        ]

    def _write_all(self, calls: Sequence[Callable[[Connection], Any]]) -> Sequence[Outcome]:
        """Run calls in one transaction, as beginning and committing costs more than what most of them do.

        Where it fails as a whole, each is run again by itself: it was the fault of one, or is told to all. Where the
        connection was lost meanwhile it may have been committed, and nothing is done twice.
        """
        if len(calls) > 1:
            together = Outcome.of(self._write, lambda connection: [_undoable(call, connection) for call in calls])
            if together.error is None:
                return cast("Sequence[Outcome]", together.result)
            if isinstance(together.error, DBAPIError) and together.error.connection_invalidated:
                return [together for _ in calls]
        return [Outcome.of(self._write, call) for call in calls]


def _in_session(
    connection: Connection, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run `work` with a session, and let the connection's transaction decide what becomes of it."""
    with Session(connection, expire_on_commit=False) as session:
        result = work(session, *args, **kwargs)
        session.flush()
        return result


def _undoable(call: Callable[[Connection], object], connection: Connection) -> Outcome:
    """Run a call; where it fails, undo what it did and nothing else of the transaction."""
    connection.exec_driver_sql("SAVEPOINT call")
    outcome = Outcome.of(call, connection)
    if outcome.error is not None:
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT call")
    connection.exec_driver_sql("RELEASE SAVEPOINT call")
    return outcome


def open_database(where: Path | str) -> Database:
    """Open a SQLite file, created when missing, or a `postgresql://` URL; its tables are `migrate`'s work."""
    pool_size = _WRITERS + _READERS + _AT_LEISURE
    if isinstance(where, str):
        return Database(postgres.create_engine(where, pool_size=pool_size))
    return Database(sqlite.create_engine(where, pool_size=pool_size))
