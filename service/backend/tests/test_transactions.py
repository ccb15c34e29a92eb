"""What gathers while the database is at work is done in one transaction, and still succeeds or fails by itself."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pysqlite3
from llmchat_backend.chat import attachments
from llmchat_backend.clock import utc_now
from llmchat_backend.db.models import User, table_of
from llmchat_backend.errors import RefusedError
from sqlalchemy import event, func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    import pytest
    from llmchat_backend.db.engine import Database
    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

USERS = table_of(User)


def add(connection: Connection, name: str) -> str:
    row = {"id": name, "username": name, "username_key": name, "hashed_password": "x", "created_at": utc_now()}
    connection.execute(insert(USERS), [row])
    return name


def add_and_fail(connection: Connection, name: str) -> None:
    add(connection, name)
    raise RefusedError("refused", "after it has written")


def add_in_session(session: Session, name: str) -> str:
    session.add(User(id=name, username=name, username_key=name, hashed_password="x", created_at=utc_now()))
    return name


def roll_all_back(connection: Connection) -> str:
    """Do what SQLite does by itself where a disk is full."""
    connection.exec_driver_sql("ROLLBACK")
    return "rolled back"


def names(database: Database) -> Sequence[str]:
    return database.read_now(lambda session: session.scalars(select(User.id).order_by(User.id)).all())


def at_once(database: Database, *calls: Callable[[], Awaitable[Any]]) -> tuple[list[Any], int]:
    """Let calls gather while the writer is busy; return what became of them, and in how many transactions."""
    commits: list[object] = []
    event.listen(database.engine, "commit", commits.append)
    go = threading.Event()

    async def run() -> list[Any]:
        busy = asyncio.ensure_future(database.write_rows(lambda _: go.wait()))
        await asyncio.sleep(0.05)
        gathered = [asyncio.ensure_future(call()) for call in calls]
        await asyncio.sleep(0.05)
        go.set()
        await busy
        return await asyncio.gather(*gathered, return_exceptions=True)

    return asyncio.run(run()), len(commits) - 1


def test_writes_that_gather_are_one_transaction(database: Database) -> None:
    outcomes, transactions = at_once(
        database,
        lambda: database.write_rows(add, "ann"),
        lambda: database.write(add_in_session, "ben"),
        lambda: database.write_rows(add, "cem"),
    )
    assert (outcomes, transactions) == (["ann", "ben", "cem"], 1)
    assert names(database) == ["ann", "ben", "cem"]


def test_one_that_fails_undoes_its_own_and_nothing_else(database: Database) -> None:
    outcomes, transactions = at_once(
        database,
        lambda: database.write_rows(add, "ann"),
        lambda: database.write_rows(add_and_fail, "ben"),
        lambda: database.write_rows(add, "ann"),
        lambda: database.write_rows(add, "dan"),
    )
    assert [type(outcome) for outcome in outcomes] == [str, RefusedError, IntegrityError, str]
    assert transactions == 1
    assert names(database) == ["ann", "dan"]


def test_a_session_that_fails_to_store_takes_nobody_with_it(database: Database) -> None:
    outcomes, _ = at_once(
        database,
        lambda: database.write(add_in_session, "ann"),
        lambda: database.write(add_in_session, "ann"),
        lambda: database.write_rows(add, "cem"),
    )
    assert [type(outcome) for outcome in outcomes] == [str, IntegrityError, str]
    assert names(database) == ["ann", "cem"]


def test_what_fails_as_a_whole_is_done_again_one_by_one(database: Database) -> None:
    outcomes, _ = at_once(
        database,
        lambda: database.write_rows(add, "ann"),
        lambda: database.write_rows(roll_all_back),
        lambda: database.write_rows(add, "cem"),
    )
    assert (outcomes[0], outcomes[2]) == ("ann", "cem")
    assert names(database) == ["ann", "cem"]


def test_a_file_is_recorded_when_the_first_time_was_undone(database: Database) -> None:
    database.write_now(add_in_session, "ann")
    file = attachments.describe("ann", "a.txt", "text/plain", b"mine")
    outcomes, _ = at_once(
        database, lambda: database.write(attachments.add, file), lambda: database.write_rows(roll_all_back)
    )
    assert outcomes[0] is None
    assert database.read_now(attachments.find, "ann", file.id) is not None


def test_what_may_have_been_committed_is_not_done_twice(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server can go between its commit and its word of it; a file can't, so SQLite is made to say so."""
    ran: list[str] = []

    def add_and_count(connection: Connection, name: str) -> None:
        ran.append(name)
        add(connection, name)

    def commit_and_lose(connection: Any) -> None:
        connection.commit()
        if ran:
            raise pysqlite3.ProgrammingError("Cannot operate on a closed database.")

    monkeypatch.setattr(database.engine.dialect, "do_commit", commit_and_lose)
    outcomes, _ = at_once(
        database, lambda: database.write_rows(add_and_count, "ann"), lambda: database.write_rows(add_and_count, "cem")
    )
    assert all(isinstance(outcome, DBAPIError) for outcome in outcomes)
    assert (ran, names(database)) == (["ann", "cem"], ["ann", "cem"])


def test_reads_that_gather_fail_by_themselves_too(database: Database) -> None:
    database.write_now(add_in_session, "ann")
    go = threading.Event()

    def count(connection: Connection) -> int:
        return connection.execute(select(func.count()).select_from(USERS)).scalar_one()

    def nonsense(connection: Connection) -> None:
        connection.execute(text("SELECT nothing FROM nowhere"))

    def lose(connection: Connection) -> None:
        connection.invalidate()
        raise OperationalError("SELECT 1", {}, Exception("the server has gone"))

    async def run() -> list[Any]:
        busy = [asyncio.ensure_future(database.read_rows(lambda _: go.wait())) for _ in range(3)]
        await asyncio.sleep(0.05)
        gathered = [asyncio.ensure_future(database.read_rows(work)) for work in (count, nonsense, lose, count)]
        await asyncio.sleep(0.05)
        go.set()
        await asyncio.gather(*busy)
        return await asyncio.gather(*gathered, return_exceptions=True)

    first, error, lost, last = asyncio.run(run())
    assert (first, last) == (1, 1)
    assert [type(each) for each in (error, lost)] == [OperationalError, OperationalError]
