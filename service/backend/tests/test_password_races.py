"""A password that is replaced while somebody logs in with it lets nobody in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from llmchat_backend.auth import accounts, sessions
from llmchat_backend.db.engine import Database
from llmchat_backend.db.models import LoginSession, User
from sqlalchemy import func, select, update

HOUR = timedelta(hours=1)

pytestmark = pytest.mark.sqlite


@pytest.fixture
def ann(database: Database) -> User:
    return database.write_now(accounts.create, username="ann", hashed_password="old")


def begun(database: Database, ann: User, verified: str, better: str | None = None) -> bool:
    return database.write_now(sessions.begin, ann.id, HOUR, verified=verified, better_hash=better) is not None


def hash_of(database: Database, ann: User) -> str:
    return database.read_now(lambda session: session.get_one(User, ann.id).hashed_password)


def test_a_log_in_under_way_ends_with_the_password_it_knew(database: Database, ann: User) -> None:
    assert begun(database, ann, "old", "better")
    assert hash_of(database, ann) == "better"
    database.write_now(accounts.set_password, ann.id, "reset")
    assert not begun(database, ann, "better", "even better")
    assert hash_of(database, ann) == "reset"
    assert database.read_now(lambda s: s.scalar(select(func.count()).select_from(LoginSession))) == 0


def test_nobody_changes_a_password_that_was_reset_meanwhile(database: Database, ann: User) -> None:
    database.write_now(accounts.set_password, ann.id, "reset", must_change=True)
    change = {"verified": "old", "keep_session": "s"}
    assert not database.write_now(accounts.replace_password, ann.id, "stolen", **change)
    assert hash_of(database, ann) == "reset"
    assert database.write_now(accounts.replace_password, ann.id, "own", verified="reset", keep_session="s")
    assert hash_of(database, ann) == "own"


def test_an_account_that_is_locked_out_or_gone_lets_nobody_in(database: Database, ann: User) -> None:
    database.write_now(lambda session: session.execute(update(User).values(is_active=False)))
    assert not begun(database, ann, "old")
    database.write_now(lambda session: session.delete(session.get_one(User, ann.id)))
    assert not begun(database, ann, "old")
    assert not database.write_now(accounts.replace_password, ann.id, "own", verified="old", keep_session="s")
