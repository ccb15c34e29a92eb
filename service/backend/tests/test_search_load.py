"""Searching and deleting hold up nobody else."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from llmchat_backend.auth import stewardship
from llmchat_backend.auth.audit import OPERATOR
from llmchat_backend.clock import new_id
from llmchat_backend.db.engine import Database
from llmchat_backend.db.models import Message, User
from llmchat_backend.errors import ApiError
from llmchat_backend.search import purge as purge_module
from llmchat_backend.search.purge import Purge
from llmchat_backend.search.turns import MAX_WAITING, Turns
from sqlalchemy import delete, func, select
from test_search_index import check_full_text, fill, found, full_text, index_all, index_some, purge_all

pytestmark = pytest.mark.sqlite


def test_a_purge_goes_in_steps_keeps_the_rest_and_begins_again_only_after_a_while(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge_module, "_PAGES_AT_ONCE", 5)
    user_id = database.write_now(
        fill, *(f"kept {number} " + " ".join(new_id() for _ in range(9)) for number in range(1000))
    )
    database.write_now(fill, "ephemeral")
    for _ in range(30):
        index_some(database)
    gone = select(Message.id).where(Message.content == "ephemeral")
    database.write_now(lambda s: s.execute(delete(Message).where(Message.id.in_(gone))))
    assert purge_all(database) > 2
    assert b"phemeral" not in full_text(database)
    assert found(database, user_id, '"kept 999"')
    check_full_text(database)
    assert not database.read_now(Purge().is_due)
    purge = Purge()
    purge._next = time.monotonic() + 60
    database.write_now(lambda s: s.execute(delete(Message).where(Message.position < 10)))
    assert not database.read_now(purge.is_due)
    assert database.read_now(Purge().is_due)


def test_no_deletion_rewrites_the_index_while_others_wait(database: Database) -> None:
    """With it 4,000 messages took 35 seconds, without 1.5."""
    with database.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT v FROM search_index_config WHERE k = 'secure-delete'").scalar()
    assert found == 0


def test_an_account_is_locked_out_and_then_deleted_in_steps(database: Database) -> None:
    user_id = database.write_now(fill, *(f"text {number}" for number in range(450)))
    kept = database.write_now(fill, "text of another")
    index_all(database)
    database.write_now(stewardship.begin_deletion, OPERATOR, user_id)
    assert not database.read_now(lambda s: s.get_one(User, user_id)).is_active
    left = []
    while database.write_now(stewardship.delete_some, user_id):
        left.append(database.read_now(lambda s: s.scalar(select(func.count()).select_from(Message))))
    assert left == [251, 51, 1]
    database.write_now(stewardship.delete, user_id)
    assert database.write_now(stewardship.delete, user_id) == ()
    assert found(database, user_id, "text") == []
    assert found(database, kept, "text") == ["text of another"]


def test_searches_hold_up_nobody_s_session_and_one_s_own_take_turns(database: Database) -> None:
    held = threading.Event()

    async def search(turns: Turns) -> None:
        async with turns.taken("ann"):
            await database.read_at_leisure(lambda _: held.wait(5))

    async def run() -> list[object]:
        turns = Turns()
        searches = [asyncio.create_task(search(turns)) for _ in range(MAX_WAITING + 2)]
        async with asyncio.timeout(2), turns.taken("bob"):
            await database.read(lambda session: session.scalar(select(1)))
        held.set()
        return await asyncio.gather(*searches, return_exceptions=True)

    *others, last = asyncio.run(run())
    assert set(others) == {None}
    assert isinstance(last, ApiError)
