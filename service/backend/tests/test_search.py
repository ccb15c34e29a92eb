"""Search in one's own conversations: Chinese words of any length, what is deleted is gone, nobody finds another's."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pysqlite3
import pytest
from alembic import command
from backend_process import Backend
from client import Client
from conftest import new_user
from llmchat_backend.clock import new_id, utc_now
from llmchat_backend.db import migrate, sqlite
from llmchat_backend.db.engine import Database, open_database
from llmchat_backend.db.models import Conversation, Message, User
from llmchat_backend.db.search import SearchText
from llmchat_backend.search import find as find_module
from llmchat_backend.search.index import index_some
from llmchat_backend.search.snippet import snippet
from llmchat_backend.search.terms import phrases, terms
from model_server import DONE, ModelServer, chunk
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

MakeBackend = Callable[..., Backend]


def search(user: Client, q: str, **more: Any) -> dict[str, Any]:
    answer = user.get(f"/api/search?{urlencode({'q': q, **more})}")
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json
    return found


def wait_for(user: Client, q: str, count: int) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 10
    while len(items := search(user, q)["items"]) != count:
        assert time.monotonic() < deadline, items
        time.sleep(0.1)
    return items


# --- the words of a text


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Hello, World", " hello world "),
        ("床前明月光", " 床 前 明 月 光 "),
        ("用Python写", " 用 python 写 "),
        ("Café cafe\u0301 CAFÉ", " cafe cafe cafe "),
        ("\uff21\uff22\uff23 \uff11", " abc 1 "),  # full width
        ("ﾃｽﾄ", " テ ス ト "),
        ("がか", " が か "),  # a mark that makes another sound is no accent
        ("snake_case C++ 3.14", " snake case c 3 14 "),
        ("Straße", " strasse "),
        ("한국어", " 한 국 어 "),
        ("𠮷野家", " 𠮷 野 家 "),
        ("😀 …", ""),
        ("", ""),
    ],
)
def test_a_text_is_cut_into_words(text: str, cut: str) -> None:
    assert terms(text) == cut


def test_a_query_is_cut_like_a_text() -> None:
    assert [(phrase.terms, phrase.open_end) for phrase in phrases('明月 hel "big cat" 3D打印')] == [
        (("明", "月"), False), (("hel",), True), (("big", "cat"), False), (("3d", "打", "印"), False),
    ]  # fmt: skip
    assert phrases(' "" !? ') == []


def test_a_snippet_shows_the_first_hit_and_marks_all() -> None:
    pieces = snippet("x" * 300 + " 举头望明月,低头思故乡。明月 " + "y" * 300, phrases("明月"))
    shown = "".join(piece.text for piece in pieces)
    assert shown.startswith("…x")
    assert shown.endswith("y…")
    assert [piece.text for piece in pieces if piece.hit] == ["明月", "明月"]
    assert [piece.text for piece in snippet("Cafés here", phrases("CAFE")) if piece.hit] == ["Cafés"]
    assert [(piece.text, piece.hit) for piece in snippet("short", phrases("none"))] == [("short", False)]


# --- through the API


def test_chinese_words_of_one_and_two_characters_are_found(fresh_user: Client, model: ModelServer) -> None:
    conversation = fresh_user.new_conversation()
    fresh_user.ask(conversation, "举头望明月\uff0c低头思故乡")
    hit = wait_for(fresh_user, "明月", 2)
    assert {item["message_id"] is None for item in hit} == {True, False}  # the title is the first line
    question = next(item for item in hit if item["message_id"])
    assert (question["conversation_id"], question["role"], question["archived"]) == (conversation, "user", False)
    assert {"text": "明月", "hit": True} in question["snippet"]
    assert len(search(fresh_user, "乡")["items"]) == 2
    assert len(search(fresh_user, "世界")["items"]) == 1  # the answer
    assert search(fresh_user, "月明")["items"] == []
    assert search(fresh_user, "明 月 世")["items"] == []


def test_beginnings_of_words_are_found_and_quoted_ones_exactly(fresh_user: Client, model: ModelServer) -> None:
    conversation = fresh_user.new_conversation()
    fresh_user.request("PATCH", f"/api/conversations/{conversation}", {"title": "T"})
    fresh_user.ask(conversation, "Deploying Kubernetes clusters")
    wait_for(fresh_user, "kube", 1)
    assert len(search(fresh_user, "CLUSTERS deploy")["items"]) == 1
    assert len(search(fresh_user, '"kubernetes clusters"')["items"]) == 1
    assert search(fresh_user, '"kube"')["items"] == []
    assert search(fresh_user, '"clusters kubernetes"')["items"] == []
    assert search(fresh_user, "ubernetes")["items"] == []


@pytest.mark.parametrize(
    "q", ['"', "*", "NEAR(", "a AND", 'x" OR user_id:"', "- -", "^a", "terms:b", "%", "_", "'", "(((", "{a b}: c"]
)
def test_no_query_is_a_syntax(fresh_user: Client, q: str) -> None:
    assert search(fresh_user, q) == {"items": [], "next": None}


def test_nobody_finds_what_another_wrote(user: Client, fresh_user: Client, model: ModelServer) -> None:
    fresh_user.ask(fresh_user.new_conversation(), "xylophone")
    wait_for(fresh_user, "xylophone", 2)
    assert search(user, "xylophone")["items"] == []
    assert Client(user.socket_path).get("/api/search?q=x").status == 401


def test_what_is_changed_or_deleted_is_found_no_more(fresh_user: Client, model: ModelServer) -> None:
    conversation = fresh_user.new_conversation()
    ids = fresh_user.ask(conversation, "marzipan")[0].data
    wait_for(fresh_user, "marzipan", 2)
    with fresh_user.stream_of(f"/api/messages/{ids['user_message_id']}/edit", {"content": "nougat"}) as stream:
        list(stream.events())
    wait_for(fresh_user, "nougat", 2)
    assert search(fresh_user, "marzipan")["items"] == []
    fresh_user.request("PATCH", f"/api/conversations/{conversation}", {"title": "Sweets"})
    wait_for(fresh_user, "sweets", 1)
    assert len(search(fresh_user, "nougat")["items"]) == 1
    assert fresh_user.request("DELETE", f"/api/conversations/{conversation}").status == 204
    for word in ("nougat", "sweets", "世界"):
        assert search(fresh_user, word)["items"] == []


def test_the_name_of_an_attached_file_is_found(fresh_user: Client, model: ModelServer) -> None:
    uploaded = fresh_user.upload("年度报告.txt", b"text", "text/plain").json["id"]
    conversation = fresh_user.new_conversation()
    fresh_user.ask(conversation, "Read it", attachment_ids=[uploaded])
    assert wait_for(fresh_user, "报告", 1)[0]["conversation_id"] == conversation


def test_hits_come_page_by_page_titles_first(fresh_user: Client, model: ModelServer) -> None:
    model.behaviour.chunks = (chunk({"content": "no"}, finish_reason="stop"), DONE)
    conversation = fresh_user.new_conversation()
    for number in range(4):
        fresh_user.ask(conversation, f"pangolin {number} " + "and more words " * 5)
    wait_for(fresh_user, "pangolin", 5)
    seen: list[str | None] = []
    offset: int | None = 0
    while offset is not None:
        page = search(fresh_user, "pangolin", limit=2, offset=offset)
        seen += [item["message_id"] for item in page["items"]]
        offset = page["next"]
    assert seen[0] is None
    assert len(set(seen)) == 5


@pytest.mark.parametrize("query", ["", "q=", "q=a&limit=0", "q=a&offset=-1", "q=a%00", f"q={'a' * 201}"])
def test_a_query_out_of_range_is_refused(user: Client, query: str) -> None:
    assert user.get(f"/api/search?{query}").status == 422


# --- the index itself


@pytest.fixture
def database(migrated_database: Path, tmp_path: Path) -> Iterator[Database]:
    file = tmp_path / "llmchat.db"
    file.write_bytes(migrated_database.read_bytes())
    database = open_database(file)
    yield database
    database.close()


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


def index_all(database: Database) -> None:
    for _ in range(20):
        database.write_now(index_some)


def check_full_text(database: Database) -> None:
    """Let SQLite hold the index against the table it stands for."""
    with database.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO search_index(search_index, rank) VALUES ('integrity-check', 1)")


def test_texts_by_the_thousand_are_indexed_in_steps(database: Database) -> None:
    user_id = database.write_now(fill, *(f"text {number} 世界" for number in range(180)))
    database.write_now(index_some)
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


@pytest.mark.parametrize("table", [Message, Conversation, User])
def test_words_go_with_whatever_they_hang_on(database: Database, table: type[Any]) -> None:
    user_id = database.write_now(fill, "ephemeral words", "ephemeral 世界")
    index_all(database)
    assert len(found(database, user_id, "ephemeral")) == 2
    database.write_now(lambda s: s.execute(delete(table)))
    assert found(database, user_id, "ephemeral") == []
    check_full_text(database)
    with database.engine.connect() as connection:
        data = b"".join(row[0] for row in connection.exec_driver_sql("SELECT block FROM search_index_data"))
    assert b"phemeral" not in data


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
    with sqlite.for_writing(engine).begin() as connection:
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
    with pysqlite3.connect(str(backend.database)) as database:
        for statement in (
            "DELETE FROM search_texts",
            "UPDATE messages SET indexed = 0",
            "UPDATE conversations SET indexed = 0",
        ):
            database.execute(statement)
    database.close()
    backend.start()
    deadline = time.monotonic() + 10
    while len(search(ann, "albatross", limit=50, offset=70)["items"]) < 50:  # each in the title and in the question
        assert time.monotonic() < deadline
        time.sleep(0.1)
