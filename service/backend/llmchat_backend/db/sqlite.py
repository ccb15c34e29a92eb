"""Everything that is true of SQLite only. The rest of the package speaks SQL that PostgreSQL understands too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pysqlite3
import sqlalchemy
from sqlalchemy import event

from llmchat_backend.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

# Older libraries can lose the write-ahead log when several connections reset it at once (fixed in 3.51.3).
MIN_VERSION = (3, 51, 3)

BEGIN_TO_READ = "BEGIN"
BEGIN_TO_WRITE = "BEGIN IMMEDIATE"
"""Takes the write lock at once: a transaction that starts as a reader and then writes fails immediately (SQLITE_BUSY,
no waiting) when another process wrote in between; one that begins as a writer waits for its turn."""

_BUSY_TIMEOUT_MS = 15_000
_CACHE_KIB = 2_000  # for each connection; SQLite's default of 2 MB, said aloud because memory is a promise here


def create_engine(file: Path, *, pool_size: int) -> Engine:
    """Return an engine for `file` in WAL mode; raise ConfigurationError when the library is too old."""
    if pysqlite3.sqlite_version_info < MIN_VERSION:
        needed = ".".join(map(str, MIN_VERSION))
        raise ConfigurationError(f"SQLite {pysqlite3.sqlite_version} is too old: {needed} is needed")
    engine = sqlalchemy.create_engine(
        f"sqlite:///{file}",
        module=pysqlite3,
        hide_parameters=True,  # they are what users wrote, and errors end in the log
        pool_size=pool_size,
        max_overflow=0,
        connect_args={"timeout": _BUSY_TIMEOUT_MS / 1000},
    )
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver starts no transactions of its own: `transaction` does
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # In WAL mode NORMAL survives a crash of the process whole; a power cut may undo the last commits, never corrupt.
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")  # what somebody deletes is overwritten, not just unlinked
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
    cursor.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    cursor.close()
