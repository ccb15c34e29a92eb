"""A program that writes to a database as the service does, and keeps a log of what it has committed.

``python -m tests.unit.archive.busy_writer DATABASE LOG RATE``: RATE small transactions a second until SIGTERM. A
line of the log is the number of a committed row and the seconds its commit took.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pysqlite3 as sqlite3

from tests.paths import REPOSITORY

SCHEMA = """
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
INSERT INTO alembic_version VALUES ('0001');
CREATE TABLE conversations (id INTEGER PRIMARY KEY, title TEXT);
CREATE TABLE messages (
    id INTEGER PRIMARY KEY, conversation_id INTEGER REFERENCES conversations (id), content TEXT NOT NULL
);
CREATE INDEX ix_messages_content ON messages (content);
INSERT INTO conversations VALUES (1, 'one');
"""


def connect(file: Path) -> sqlite3.Connection:
    """Open a database as the service does."""
    connection = sqlite3.connect(str(file), isolation_level=None, timeout=15)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def content(number: int) -> str:
    """Return the text of a row, which tells whether it is the one that was committed."""
    return f"message {number} " + f"{number * 2654435761 % 2**32:08x}" * 12


def make(file: Path, rows: int = 0) -> None:
    """Make a database of the service's kind."""
    connection = connect(file)
    connection.executescript(SCHEMA)
    connection.execute("BEGIN IMMEDIATE")
    texts = ((-number, content(-number)) for number in range(1, rows + 1))
    connection.executemany("INSERT INTO messages VALUES (?, 1, ?)", texts)
    connection.execute("COMMIT")
    connection.close()


@contextmanager
def writing(file: Path, log: Path, rate: int = 400) -> Iterator[subprocess.Popen[bytes]]:
    """Write from another process for the length of the block."""
    argv = (sys.executable, "-m", "tests.unit.archive.busy_writer", str(file), str(log), str(rate))
    process = subprocess.Popen(argv, cwd=REPOSITORY)
    try:
        while not committed(log):
            assert process.poll() is None, "the writer has ended"
            time.sleep(0.005)
        yield process
    finally:
        process.terminate()
        assert process.wait(20) in (0, -signal.SIGKILL)


def committed(log: Path) -> int:
    """Return the number of the newest row that is in the log: it was committed before this is called."""
    if not log.exists():
        return 0
    lines = log.read_text().splitlines(keepends=True)
    whole = [line for line in lines if line.endswith("\n")]
    return int(whole[-1].split()[0]) if whole else 0


def slowest(log: Path) -> float:
    """Return the seconds of the slowest commit."""
    return max(float(line.split()[1]) for line in log.read_text().splitlines() if len(line.split()) > 1)


def assert_holds_what_was_committed(copy: Path, *, at_least: int, rows: int = 0) -> int:
    """Fail unless a copy holds every row of the writer up to one number, whole; return that number."""
    connection = sqlite3.connect(f"file:{copy}?mode=ro&immutable=1", uri=True)
    found = connection.execute("SELECT id, content FROM messages WHERE id > 0 ORDER BY id").fetchall()
    last = len(found)
    assert found == [(number, content(number)) for number in range(1, last + 1)]
    assert last >= at_least, f"{at_least} rows were committed before the snapshot, {last} are in it"
    assert connection.execute("SELECT count(*) FROM messages WHERE id < 0").fetchone() == (rows,)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    return last


def main(file: Path, log: Path, rate: int) -> None:
    """Write until told to stop."""
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopped.append(number))
    connection = connect(file)
    begun, number = time.perf_counter(), 0
    with log.open("a", buffering=1) as lines:
        while not stopped:
            number += 1
            due = begun + number / rate
            if (early := due - time.perf_counter()) > 0:
                time.sleep(early)
            start = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO messages VALUES (?, 1, ?)", (number, content(number)))
            connection.execute("COMMIT")
            lines.write(f"{number} {time.perf_counter() - start:.4f}\n")
    connection.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
