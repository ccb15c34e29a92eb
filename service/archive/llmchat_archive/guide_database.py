"""The accounts in an archive of the guide's own command, ``tar czf database-backup-YYYYMMDD.tar.gz -C /data .``.

Such an archive may come from anywhere, and was made of a database in use. Of its members only regular files that begin
as SQLite databases do are written, under names of ours, with the log that lay beside them.
"""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

from llmchat_archive.errors import ArchiveError
from llmchat_archive.events import Events
from llmchat_archive.snapshot.engine import sqlite

MAGIC = b"SQLite format 3\0"
"""How a database begins: https://www.sqlite.org/fileformat.html, section 1.3."""

SUPER_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
"""How a rollback journal ends that names another file, which SQLite would delete after the rollback."""

MAX_HEADER = 64 * 1024
MAX_MEMBERS = 100_000
MAX_ACCOUNTS = 100_000
MAX_RATIO, RATIO_FREE = 1000, 64 * 1024**2
RESERVE = 64 * 1024**2
"""Bytes that stay free where the database is extracted."""

_PIECE = 1024**2
_WRITTEN_ASIDE = ("-wal", "-journal")
_COLUMNS = ("username", "hashed_password")
_MORE_COLUMNS = ("is_admin", "is_active", "created_at")


class Found(NamedTuple):
    """What an archive of the guide holds."""

    member: str
    accounts: list[dict[str, Any]]
    damaged: bool
    """Something is wrong with the database: accounts may be missing."""


def read_accounts(archive: Path, work: Path, events: Events) -> Found:
    """Return the accounts in an archive of the guide; databases are extracted into ``work``.

    Raises ArchiveError ``guide_unreadable`` where it is none or holds no accounts, ``bomb``, ``no_space``.
    """
    databases = _extract(archive, work, events)
    for member, file in databases.items():
        try:
            with closing(sqlite.connect(str(file), isolation_level=None)) as connection:
                accounts = _accounts(connection)
                damaged = bool(accounts) and connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",)
        except sqlite.DatabaseError as error:
            if len(databases) == 1:
                raise _unreadable(f"Its database {member} is damaged ({error}).") from error
            continue
        if accounts:
            return Found(member, accounts, damaged=damaged)
    raise _unreadable("It holds no database with accounts in a table 'users'.")


class _Member(tarfile.TarInfo):
    """A member whose extended headers are bounded: tarfile reads them into memory, however long they say they are."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        extended = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE)
        if self.type in (*extended, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK) and self.size > MAX_HEADER:
            raise tarfile.ReadError("a header is too long")
        done: tarfile.TarInfo = super()._proc_member(archive)  # type: ignore[misc]
        return done


def _extract(archive: Path, work: Path, events: Events) -> dict[str, Path]:
    """Write every database in the archive into ``work``, and return them by the names they had."""
    total = archive.stat().st_size
    room = shutil.disk_usage(work).free - RESERVE
    bound = MAX_RATIO * total + RATIO_FREE
    databases: dict[str, Path] = {}
    beside: dict[str, Path] = {}
    seen = 0
    try:
        with archive.open("rb") as raw, tarfile.open(fileobj=raw, mode="r|*", tarinfo=_Member) as members:
            for number, member in enumerate(members):
                events.progress("extract", min(raw.tell(), total), total)
                seen += member.size
                if seen > bound or number >= MAX_MEMBERS:
                    raise ArchiveError("The archive grows beyond all measure when it is unpacked.", code="bomb")
                name = member.name.removeprefix("./")
                aside = name.endswith(_WRITTEN_ASIDE)
                content = members.extractfile(member) if member.isreg() and not member.issparse() else None
                if content is None or not member.size:
                    continue
                head = content.read(len(MAGIC))
                if not aside and head != MAGIC:
                    continue
                room -= member.size
                if room < 0:
                    raise ArchiveError("There is no room to unpack the archive's database.", code="no_space")
                target = work / str(number)
                _write(target, head, content)
                (beside if aside else databases)[name] = target
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # of the disk; those of the decompressors have no number
        raise _unreadable(f"It isn't a tar.gz archive, or it is cut ({error}).") from error
    for name, file in beside.items():
        main, _, ending = name.rpartition("-")
        if main in databases and not (ending == "journal" and _names_another_file(file)):
            file.rename(databases[main].with_name(f"{databases[main].name}-{ending}"))
    return databases


def _write(target: Path, head: bytes, content: IO[bytes]) -> None:
    with target.open("xb") as file:
        file.write(head)
        shutil.copyfileobj(content, file, _PIECE)


def _names_another_file(journal: Path) -> bool:
    with journal.open("rb") as file:
        file.seek(max(0, journal.stat().st_size - len(SUPER_JOURNAL_MAGIC)))
        return file.read() == SUPER_JOURNAL_MAGIC


def _accounts(connection: Any) -> list[dict[str, Any]]:
    """Return the accounts of a database, none where it isn't the guide's. What its schema may run is switched off."""
    for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0"):
        connection.execute(f"PRAGMA {pragma}")
    table = connection.execute(
        "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'users' AND sql NOT LIKE 'CREATE VIRTUAL%'"
    ).fetchone()
    there = {row[1] for row in connection.execute("PRAGMA table_info(users)")} if table else set()
    if not there.issuperset(_COLUMNS):
        return []
    columns = (*_COLUMNS, *(name for name in _MORE_COLUMNS if name in there))
    rows = connection.execute(f"SELECT {', '.join(columns)} FROM users ORDER BY rowid LIMIT {MAX_ACCOUNTS}")  # noqa: S608
    return list(_understood(dict(zip(columns, row, strict=True)) for row in rows))


def _understood(rows: Iterator[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        name, hashed = row["username"], row["hashed_password"]
        if not isinstance(name, str) or not name:
            continue
        if isinstance(hashed, bytes):
            hashed = hashed.decode("ascii", errors="replace")
        yield {
            "username": name,
            "hashed_password": hashed if isinstance(hashed, str) else "",
            "is_admin": bool(row.get("is_admin") or False),
            "is_active": row.get("is_active") is None or bool(row["is_active"]),
            "created_at": _time(row.get("created_at")),
        }


def _time(value: object) -> str | None:
    try:
        return datetime.fromisoformat(value).isoformat() if isinstance(value, str) else None
    except ValueError:
        return None


def _unreadable(why: str) -> ArchiveError:
    return ArchiveError(
        f"The archive of the guide can't be used. {why}",
        code="guide_unreadable",
        hint="It must be one that the guide's command made: tar czf database-backup-….tar.gz -C /data .",
    )
