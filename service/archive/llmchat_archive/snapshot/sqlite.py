"""SQLite: a copy under a read transaction that is held, so that no writer makes it start again.

The source is opened ``mode=ro`` on a mount that can be written: such a connection never checkpoints (SQLite before
3.51.3 can lose commits when two connections do it at once), folds no log into the database and still sees every commit
in it. ``immutable=1`` is for finished copies only: on a live database it misses what is in the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import quote

from llmchat_archive.errors import ArchiveError
from llmchat_archive.events import Events
from llmchat_archive.model import Database
from llmchat_archive.snapshot.base import SnapshotInfo
from llmchat_archive.snapshot.engine import sqlite

PAGES_AT_ONCE = 16_384
"""64 MiB of the usual pages between two looks at the clock. Far smaller steps cost time, larger ones hide progress."""

BUSY_SECONDS = 30
FULL_CHECK_BELOW = 10 * 1024**3
"""Bytes up to which indexes are compared with their tables too: about 1.3 GiB a second."""

SHOWN_PROBLEMS = 3
_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name"
_OPERATIONS = 10_000
"""Operations of SQLite's machine between two looks at the clock: a few milliseconds."""


class SqliteSnapshot:
    """Implement :class:`llmchat_archive.snapshot.base.Snapshot` for the database file ``name``."""

    def __init__(self, name: str) -> None:
        self.name = name

    def names(self) -> frozenset[str]:
        """Return the database file and what SQLite keeps beside it."""
        return frozenset(self.name + ending for ending in ("", "-wal", "-shm", "-journal"))

    def size(self, data: Path) -> int:
        """Return the bytes of the database and of its log, which may hold pages that the file has no room for yet."""
        file = self._file(data)
        log = file.with_name(file.name + "-wal")
        return file.stat().st_size + (log.stat().st_size if log.exists() else 0)

    def take(self, data: Path, target: Path, events: Events, *, compact: bool, deadline: float) -> SnapshotInfo:
        """Copy the database of ``data`` to ``target``; see the port."""
        source = self._file(data)
        if source.stat().st_size == 0:
            raise ArchiveError(
                f"The database {self.name} is an empty file.",
                code="source_damaged",
                hint="Nothing was kept. Restore the last backup; the log of the service may say what happened.",
            )
        begun = monotonic()
        clock = _Clock(begun + deadline)
        copy = _compact if compact else _copy
        target.open("xb").close()  # SQLite's message for what goes wrong here names neither the file nor the cause
        try:
            with _translated(clock, self.name), closing(_connect(source, "mode=ro")) as connection:
                copy(connection, target, events, clock)
        except BaseException:
            for ending in ("", "-journal", "-wal", "-shm"):
                target.with_name(target.name + ending).unlink(missing_ok=True)
            raise
        return SnapshotInfo(file=target, bytes=target.stat().st_size, seconds=monotonic() - begun)

    def check(self, copy: Path) -> Database:
        """Check a finished copy: it must be one on which nobody works, and nothing appears beside it."""
        return _described(copy, "mode=ro&immutable=1")

    def describe(self, data: Path) -> Database:
        """Check a database at rest, with what may be in its log."""
        return _described(self._file(data), "mode=ro")

    def restored(self, data: Path, expected: Database) -> None:
        """Check the database of a restored data root against its description in the manifest."""
        for name in sorted(self.names() - {self.name}):
            if (data / name).exists():  # a log of another database would be replayed into this one
                raise ArchiveError(f"{name} lies beside the restored database.", code="damaged")
        try:
            found = self.check(self._file(data))
        except ArchiveError as error:
            raise ArchiveError(f"The restored database isn't whole: {error}", code="damaged") from error
        found = replace(found, engine_version=expected.engine_version)
        if found != expected:
            different = [name for name in found.to_json() if found.to_json()[name] != expected.to_json().get(name)]
            raise ArchiveError(
                f"The restored database isn't the one of the manifest: {', '.join(different)} differ.", code="damaged"
            )

    def _file(self, data: Path) -> Path:
        file = data / self.name
        if not file.is_file():
            raise ArchiveError(
                f"There is no database {self.name} in the data volume.",
                code="not_found",
                hint="A backup needs a service that has been started once: llmchat-deploy up",
            )
        return file


class _Clock:
    def __init__(self, end: float) -> None:
        self._end = end

    def is_over(self) -> bool:
        return monotonic() > self._end

    def look(self) -> None:
        if self.is_over():
            raise ArchiveError(
                "The copy of the database took too long and was given up.",
                code="snapshot_timeout",
                hint="The disk is very slow, or another program keeps the database locked. Nothing has changed.",
            )


_DAMAGED = (
    "No backup was kept, the earlier ones are as they were. Restore the newest good one: llmchat-deploy restore latest"
)


def _connect(file: Path, options: str) -> Any:
    connection = sqlite.connect(
        f"file:{quote(str(file))}?{options}", uri=True, isolation_level=None, timeout=BUSY_SECONDS
    )
    connection.execute("PRAGMA query_only = ON")
    return connection


def _described(file: Path, options: str) -> Database:
    try:
        with closing(_connect(file, options)) as connection:
            connection.set_progress_handler(_go_on, _OPERATIONS)  # lets signals through
            _check_pages(connection, file)
            return _describe(connection)
    except sqlite.DatabaseError as error:
        raise ArchiveError(
            f"The copy of the database is damaged: {error}.", code="source_damaged", hint=_DAMAGED
        ) from error


def _go_on() -> int:
    return 0


def _copy(source: Any, target: Path, events: Events, clock: _Clock) -> None:
    def step(_status: int, remaining: int, total: int) -> None:
        clock.look()
        events.progress("snapshot", (total - remaining) * page, total * page)

    source.execute("BEGIN")
    source.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # from here on it reads one state
    page: int = source.execute("PRAGMA page_size").fetchone()[0]
    with closing(sqlite.connect(str(target), isolation_level=None)) as destination:
        destination.execute("PRAGMA synchronous = OFF")  # it is flushed once, by whoever asked for it
        destination.execute("PRAGMA journal_mode = OFF")  # cut short, it is thrown away
        source.backup(destination, pages=PAGES_AT_ONCE, progress=step, sleep=0)
    source.execute("COMMIT")


def _compact(source: Any, target: Path, events: Events, clock: _Clock) -> None:
    total = source.execute("PRAGMA page_count").fetchone()[0] * source.execute("PRAGMA page_size").fetchone()[0]

    def step() -> int:
        events.progress("snapshot", min(target.stat().st_size, total), total)
        return int(clock.is_over())

    clock.look()

    source.execute("PRAGMA query_only = OFF")  # it forbids VACUUM INTO too; mode=ro still protects the source
    source.execute("PRAGMA synchronous = OFF")
    source.set_progress_handler(step, _OPERATIONS)
    source.execute("VACUUM INTO ?", (str(target),))
    source.set_progress_handler(None, 0)
    size = target.stat().st_size
    events.progress("snapshot", size, size)


@contextmanager
def _translated(clock: _Clock, name: str) -> Iterator[None]:
    try:
        yield
    except sqlite.DatabaseError as error:
        text = str(error)
        code = getattr(error, "sqlite_errorname", None) or ""
        if code == "SQLITE_INTERRUPT":
            clock.look()
        if "full" in text:  # the copying function gives no code
            raise ArchiveError(
                "There is no room for the copy of the database.",
                code="no_space",
                hint="Free some space where Docker keeps its volumes: docker system df",
            ) from error
        if "locked" in text or code.startswith("SQLITE_READONLY"):
            raise ArchiveError(
                f"The database {name} is locked by another program ({text}).",
                code="busy",
                hint="Try again; if it stays so, restart the service: llmchat-deploy restart",
            ) from error
        raise ArchiveError(
            f"The database {name} can't be read: {text}.", code="source_damaged", hint=_DAMAGED
        ) from error


def _check_pages(connection: Any, copy: Path) -> None:
    size = copy.stat().st_size
    pragma = "integrity_check" if size < FULL_CHECK_BELOW else "quick_check"
    problems = [row[0] for row in connection.execute(f"PRAGMA {pragma}({SHOWN_PROBLEMS})")]
    if size == 0 or problems != ["ok"]:
        raise ArchiveError(
            "The database is damaged: " + "; ".join(" ".join(str(problem).split()) for problem in problems),
            code="source_damaged",
            hint=_DAMAGED,
        )


def _describe(connection: Any) -> Database:
    def value(statement: str) -> Any:
        row = connection.execute(statement).fetchone()
        return row[0] if row else None

    tables = [row[0] for row in connection.execute(_TABLES)]
    if not tables:
        raise ArchiveError(
            "The database holds no tables: there is nothing to back up.",
            code="source_damaged",
            hint="Nothing was kept. Has the service been started? llmchat-deploy up",
        )
    rows = {name: value(f"SELECT count(*) FROM {_quoted(name)}") for name in tables}  # noqa: S608 - quoted
    return Database(
        engine="sqlite",
        engine_version=sqlite.sqlite_version,
        schema=value("SELECT version_num FROM alembic_version") if "alembic_version" in tables else None,
        user_version=value("PRAGMA user_version"),
        application_id=value("PRAGMA application_id"),
        rows=rows,
        foreign_key_violations=value("SELECT count(*) FROM pragma_foreign_key_check"),
        integrity="ok",
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
