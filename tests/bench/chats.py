"""A data root as years of chats leave it: a database of text that shrinks to less than a third, and attachments."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from itertools import accumulate, count, islice
from pathlib import Path

import pysqlite3 as sqlite3

from tests.unit.archive import busy_writer

DATABASE = "llmchat.db"
USER, GROUP = 10001, 10000
"""Of the backend's image."""
ATTACHMENT = 25_000
"""Bytes of an attachment: small pictures and documents, which don't shrink."""

PAGE = 4096
WORDS, POOL = 30_000, 24_000_000
SCHEMA = """
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
INSERT INTO alembic_version VALUES ('0001');
CREATE TABLE conversations (id INTEGER PRIMARY KEY, title TEXT);
INSERT INTO conversations VALUES (1, 'one');
CREATE TABLE messages (
    id INTEGER PRIMARY KEY, conversation_id INTEGER REFERENCES conversations (id), content TEXT NOT NULL
);
CREATE INDEX ix_messages_conversation_id ON messages (conversation_id);
"""
"""Like :mod:`tests.unit.archive.busy_writer`'s, whose writer works on it, without an index on the texts."""


def make(root: Path, *, database: int, attachments: int, seed: int = 1) -> int:
    """Fill an empty data root with that many bytes of both; return the rows of the database, whose ids are negative."""
    source = random.Random(seed)  # noqa: S311 - the same chats every time
    connection = busy_writer.connect(root / DATABASE)
    connection.execute("PRAGMA synchronous = OFF")
    connection.executescript(SCHEMA)
    connection.execute("BEGIN")
    endless = messages(source)
    while connection.execute("PRAGMA page_count").fetchone()[0] * PAGE < database:
        connection.executemany("INSERT INTO messages VALUES (?, 1, ?)", islice(endless, 1000))
    connection.execute("COMMIT")
    rows: int = connection.execute("SELECT count(*) FROM messages").fetchone()[0]
    connection.close()
    for number in range(attachments // ATTACHMENT):
        file = root / f"attachments/{number % 256:02x}/{number:08x}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(source.randbytes(ATTACHMENT))
    for path in (root, *root.rglob("*")):
        os.chown(path, USER, GROUP)
    root.chmod(0o700)
    os.sync()
    return rows


def messages(source: random.Random) -> Iterator[tuple[int, str]]:
    """Yield rows without end: a piece of a long text each, from anywhere in it.

    What is said twice is further apart than any compressor looks back, and too short for what finds equal blocks.
    """
    text = prose(source)
    for number in count(-1, -1):
        length = min(int(source.lognormvariate(7, 1)), 20_000)
        start = source.randrange(len(text) - length)
        yield number, text[start : start + length]


def prose(source: random.Random) -> str:
    """Return a long text whose words are as frequent as those of a language (Zipf's law)."""
    letters, weights = "etaoinshrdlucmfwypvbgk", tuple(range(44, 0, -2))
    words = ["".join(source.choices(letters, weights, k=source.randint(2, 11))) for _ in range(WORDS)]
    frequencies = list(accumulate(1 / (rank + 3) for rank in range(WORDS)))
    return " ".join(source.choices(words, cum_weights=frequencies, k=POOL // 6))


def sound(root: Path, *, rows: int, at_least: int) -> str:
    """Open a restored database as the service does; return what is wrong with it, or nothing.

    ``rows`` were there all along, ``at_least`` so many of the writer's were committed before the backup began.
    """
    try:
        connection = busy_writer.connect(root / DATABASE)
        problems = connection.execute("PRAGMA integrity_check(1)").fetchall()
        kept = connection.execute("SELECT count(*) FROM messages WHERE id < 0").fetchone()[0]
        found = connection.execute("SELECT id, content FROM messages WHERE id > 0 ORDER BY id").fetchall()
        connection.close()
    except sqlite3.DatabaseError as error:
        return str(error)
    if problems != [("ok",)]:
        return str(problems[0][0])
    if kept != rows or found != [(number, busy_writer.content(number)) for number in range(1, len(found) + 1)]:
        return "rows are missing"
    return "" if len(found) >= at_least else "committed rows are missing"


def forget_writes(root: Path) -> None:
    """Remove the writer's rows, for the next one that begins with the first."""
    connection = busy_writer.connect(root / DATABASE)
    connection.execute("DELETE FROM messages WHERE id > 0")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
