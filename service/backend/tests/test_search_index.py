"""The index behind the search: filled in steps, gone with what it was made of, the same in a compacted copy."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pysqlite3
import pytest
from alembic import command
from backend_process import Backend
from conftest import new_user
from llmchat_backend.clock import new_id, utc_now
from llmchat_backend.db import migrate, sqlite
from llmchat_backend.db.engine import Database, open_database
from llmchat_backend.db.models import Conversation, Message, User
from llmchat_backend.db.search import SearchText
from llmchat_backend.db.transaction import writing
from llmchat_backend.search import find as find_module
from llmchat_backend.search.index import cut_some, index
from llmchat_backend.search.purge import Purge, purge_some
from model_server import ModelServer
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session
from test_search import search

pytestmark = pytest.mark.sqlite

MakeBackend = Callable[..., Backend]


def fill(session: Session, *contents: str, status: str = "complete") -> str:
    """Make a user with a conversation, and return the user's id."""
    user_id, conversation_id, now = new_id(), new_id(), utc_now()
    session.add(User(id=user_id, username=user_id, username_key=user_id, hashed_password="", created_at=now))
    session.flush()
    session.add(
        Conversation(id=conversation_id, user_id=user_id, title="", model_id="m", created_at=now, updated_at=now)
    )
    session.flush()
    session.add_all(
        Message(
            id=new_id(), conversation_id=conversation_id, position=number, role="user", content=content,
            status=status, created_at=now,
        )
        for number, content in enumerate(contents)
    )  # fmt: skip
    return user_id


def found(database: Database, user_id: str, q: str) -> list[str]:
    hits = database.read_now(find_module.find, user_id, q, limit=50, offset=0)
    return ["".join(piece.text for piece in hit.snippet) for hit in hits.items]


def index_some(database: Database) -> None:
    database.write_now(index, database.read_now(cut_some))


def index_all(database: Database) -> None:
    for _ in range(20):
        index_some(database)


def check_full_text(database: Database) -> None:
    """Let SQLite hold the index against the table it stands for."""
    with database.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO search_index(search_index, rank) VALUES ('integrity-check', 1)")


def test_texts_by_the_thousand_are_indexed_in_steps(database: Database) -> None:
    user_id = database.write_now(fill, *(f"text {number} 世界" for number in range(180)))
    index_some(database)
    assert 0 < database.read_now(lambda s: s.scalar(select(func.count()).select_from(SearchText))) < 180
    index_all(database)
    assert found(database, user_id, "text 179") == ["text 179 世界"]
    check_full_text(database)


def test_a_running_answer_waits_until_it_has_ended(database: Database) -> None:
    user_id = database.write_now(fill, "half a thought", status="running")
    index_all(database)
    assert found(database, user_id, "thought") == []
    database.write_now(lambda s: s.execute(update(Message).values(status="complete")))
    index_all(database)
    assert found(database, user_id, "thought") == ["half a thought"]


def test_what_is_changed_or_deleted_while_it_is_cut_is_indexed_as_it_is_then(database: Database) -> None:
    user_id = database.write_now(fill, "before one", "before two", "before three")
    cuts = database.read_now(cut_some)
    edited = update(Message).where(Message.position == 0).values(content="after", indexed=False)
    database.write_now(lambda s: s.execute(edited))
    database.write_now(lambda s: s.execute(delete(Message).where(Message.position == 1)))
    database.write_now(index, cuts)
    assert found(database, user_id, "before") == ["before three"]
    index_all(database)
    assert found(database, user_id, "after") == ["after"]
    check_full_text(database)


@pytest.mark.parametrize("table", [Message, Conversation, User])
def test_words_go_with_whatever_they_hang_on(database: Database, table: type[Any]) -> None:
    user_id = database.write_now(fill, "ephemeral words", "ephemeral 世界")
    index_all(database)
    assert len(found(database, user_id, "ephemeral")) == 2
    database.write_now(lambda s: s.execute(delete(table)))
    assert found(database, user_id, "ephemeral") == []
    check_full_text(database)
    purge_all(database)
    check_full_text(database)
    assert b"phemeral" not in full_text(database)


def purge_all(database: Database) -> int:
    """Purge to the end, and return the number of steps."""
    steps = 0
    while database.read_now(Purge().is_due):
        database.write_now(purge_some)
        steps += 1
    return steps


def full_text(database: Database) -> bytes:
    with database.engine.connect() as connection:
        return b"".join(row[0] for row in connection.exec_driver_sql("SELECT block FROM search_index_data"))


def test_other_databases_find_the_same_by_comparing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    user_id = database.write_now(fill, "举头望明月", "Deploying Kubernetes clusters", "100% of a_b")
    database.write_now(fill, "明月 of another")
    index_all(database)
    queries = [
        "明月",
        "月",
        "月明",
        "kube",
        '"kube"',
        "clusters dep",
        '"kubernetes clusters"',
        "100",
        "a_b",
        "头 明",
        "%",
    ]
    by_index = [found(database, user_id, q) for q in queries]
    monkeypatch.setattr(find_module, "_by_index", find_module._by_comparing)
    assert [found(database, user_id, q) for q in queries] == by_index
    assert [len(hits) for hits in by_index] == [1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0]


def test_a_hit_far_within_a_long_text_is_shown_and_little_else_is_read(database: Database) -> None:
    user_id = database.write_now(fill, "filler " * 60_000 + "Needle " + "more " * 60_000, "of a needle")
    index_all(database)
    near, far = found(database, user_id, "needle")
    assert near == "of a needle"
    assert far.startswith("…ller")
    assert "Needle more" in far
    assert far.endswith("…")


def test_only_the_newest_hits_are_put_in_order(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find_module, "MAX_RANKED", 5)
    user_id = database.write_now(fill, "needle", *(f"{number} of many more words than a needle" for number in range(9)))
    index_all(database)
    assert len(found(database, user_id, "needle")) == 5
    page = database.read_now(find_module.find, user_id, "needle", limit=3, offset=3)
    assert (len(page.items), page.next) == (2, None)


def test_looking_for_unindexed_texts_reads_only_those(database: Database) -> None:
    with database.engine.connect() as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT id FROM messages WHERE messages.indexed IS 0 AND messages.status != 'running'"
        ).all()
    assert "ix_messages_unindexed" in str(plan)


def test_a_compacted_copy_finds_the_same(database: Database, tmp_path: Path) -> None:
    """A backup does that to the file."""
    user_id = database.write_now(fill, *(f"text {number}" for number in range(20)))
    index_all(database)
    database.write_now(lambda s: s.execute(delete(Message).where(Message.position < 10)))
    with closing(pysqlite3.connect(str(tmp_path / "llmchat.db"), isolation_level=None)) as connection:
        connection.execute("VACUUM INTO ?", (str(tmp_path / "copy.db"),))
    copy = open_database(tmp_path / "copy.db")
    assert found(copy, user_id, "text 15") == ["text 15"]
    check_full_text(copy)
    copy.close()


def test_what_is_there_before_the_index_says_that_it_isn_t_in_it(tmp_path: Path) -> None:
    engine = sqlite.create_engine(tmp_path / "db", pool_size=1)
    config = migrate.alembic_config()
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")
    with closing(pysqlite3.connect(str(tmp_path / "db"), isolation_level=None)) as old:
        old.execute(OLD_MESSAGE)
        migrate.upgrade(engine)
        assert old.execute("SELECT indexed FROM messages").fetchall() == [(0,)]
        old.execute(OLD_MESSAGE.replace("('a', 'c', 0", "('b', 'c', 1"))  # as a slot of the earlier release still does
        assert old.execute("SELECT indexed FROM messages").fetchall() == [(0,), (0,)]
    engine.dispose()


OLD_MESSAGE = """INSERT INTO messages
    (id, conversation_id, position, role, content, reasoning, status, stop_requested, created_at)
    VALUES ('a', 'c', 0, 'user', 'hi', '', 'complete', 0, '2026-01-01 00:00:00.000000')"""


@pytest.mark.slow
def test_a_service_indexes_what_was_written_before_it_came(make_backend: MakeBackend, model: ModelServer) -> None:
    backend = make_backend().start()
    ann = new_user(backend, "ann")
    for number in range(60):
        ann.ask(ann.new_conversation(), f"albatross {number}")
    assert backend.end() == 0
    with pysqlite3.connect(str(backend.database_file)) as database:
        for statement in (
            "DELETE FROM search_texts",
            "UPDATE messages SET indexed = 0",
            "UPDATE conversations SET indexed = 0",
        ):
            database.execute(statement)
    database.close()
    backend.start()
    deadline = time.monotonic() + 60
    while len(search(ann, "albatross", limit=20, offset=100)["items"]) < 20:  # each in the title and in the question
        assert time.monotonic() < deadline
        time.sleep(0.1)
