"""What an archive and the file beside it say about a backup: values, and their JSON.

``from_json`` takes what lies on a disk or in an archive, so nothing about it is believed: wrong names or types raise
ArchiveError ``damaged``, a later format ``format_unknown``. Unknown names are ignored: a later release may add some.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from llmchat_archive.errors import ArchiveError
from llmchat_archive.json_fields import Fields

FORMAT = 1
ENDING, ENCRYPTED = ".tar.zst", ".age"
"""How archives' names end; encrypted ones have both."""

_ID = re.compile(r"(?P<at>\d{8}-\d{6})-(?P<sequence>\d{4,12})", re.ASCII)


def backup_id(at: datetime, sequence: int) -> str:
    """Return ``YYYYMMDD-HHMMSS-NNNN``: UTC, and a number that only grows."""
    return f"{at.astimezone(UTC):%Y%m%d-%H%M%S}-{sequence:04d}"


def parse_id(text: str) -> tuple[datetime, int]:
    """Return the time and the sequence number of an id; raises ArchiveError ``not_found`` for what is none."""
    match = _ID.fullmatch(text)
    try:
        at = datetime.strptime(match["at"], "%Y%m%d-%H%M%S").replace(tzinfo=UTC) if match else None
    except ValueError:
        at = None
    if match is None or at is None:
        raise ArchiveError(
            f"{text!r} is no backup's id.", code="not_found", hint="List them: llmchat-deploy backup list"
        )
    return at, int(match["sequence"])


@dataclass(frozen=True, slots=True)
class Header:
    """The first member of an archive: whose backup it is."""

    id: str
    project: str
    environment: str
    kind: str
    created_at: str
    encrypted: bool

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read the JSON object."""
        told = Fields(data, "the header", FORMAT)
        parse_id(told.text("id"))
        texts = {name: told.plain(name) for name in ("id", "project", "environment", "kind", "created_at")}
        return cls(**texts, encrypted=told.flag("encrypted"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One member of an archive. ``mode`` holds the permission bits; a folder has size 0 and no digest."""

    path: str
    type: str
    mode: int
    uid: int
    gid: int
    size: int = 0
    sha256: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read the JSON object."""
        told = Fields(data, "an entry of the manifest")
        numbers = {name: told.number(name) for name in ("mode", "uid", "gid", "size")}
        return cls(path=told.text("path"), type=told.text("type"), sha256=told.text("sha256"), **numbers)


@dataclass(frozen=True, slots=True)
class Database:
    """What a check of a database found."""

    engine: str
    engine_version: str
    schema: str | None
    user_version: int
    application_id: int
    rows: Mapping[str, int]
    foreign_key_violations: int
    integrity: str

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {**asdict(self), "rows": dict(self.rows)}

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read the JSON object."""
        told = Fields(data, "the database's description")
        return cls(
            engine=told.text("engine"),
            engine_version=told.text("engine_version"),
            schema=told.text_or_none("schema"),
            user_version=told.integer("user_version"),
            application_id=told.integer("application_id"),
            rows=told.numbers("rows"),
            foreign_key_violations=told.number("foreign_key_violations"),
            integrity=told.text("integrity"),
        )


@dataclass(frozen=True, slots=True)
class Manifest:
    """The last member of an archive: everything in it before, with digests."""

    header: Header
    entries: tuple[Entry, ...]
    database: Database
    versions: Mapping[str, str]
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {
            "format": FORMAT,
            "header": self.header.to_json(),
            "entries": [entry.to_json() for entry in self.entries],
            "database": self.database.to_json(),
            "versions": dict(self.versions),
            "warnings": list(self.warnings),
        }

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read the JSON object."""
        told = Fields(data, "the manifest", FORMAT)
        return cls(
            header=Header.from_json(told.mapping("header")),
            entries=tuple(Entry.from_json(entry) for entry in told.list("entries")),
            database=Database.from_json(told.mapping("database")),
            versions=told.texts("versions"),
            warnings=told.text_list("warnings"),
        )


@dataclass(frozen=True, slots=True)
class Sidecar:
    """The readable file beside an archive, written last: without it there is no backup.

    ``recipients`` are the ones that can open it; ``remotes`` maps names to ``{"state", "at", "error", "sha256"}``.
    """

    id: str
    sequence: int
    project: str
    environment: str
    kind: str
    label: str
    created_at: str
    archive: str
    bytes: int
    sha256: str
    encrypted: bool
    recipients: tuple[str, ...]
    contents: Mapping[str, Any]
    versions: Mapping[str, str]
    seconds: Mapping[str, float]
    verified_at: str | None = None
    proven_at: str | None = None
    release: Mapping[str, Any] | None = None
    warnings: tuple[str, ...] = ()
    stall: float | None = None
    remotes: Mapping[str, Any] = field(default_factory=dict)
    pinned: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read the JSON object."""
        told = Fields(data, "the file beside the archive", FORMAT)
        _, sequence = parse_id(told.text("id"))
        archive = told.text("archive")
        named = f"{told.text('project')}-{told.text('id')}{ENDING}"
        if sequence != told.number("sequence") or archive not in (named, named + ENCRYPTED) or "/" in archive:
            raise ArchiveError("The file beside the archive contradicts itself.", code="damaged")
        texts = ("id", "project", "environment", "kind", "label", "sha256")
        return cls(
            **{name: told.text(name) for name in texts},
            archive=archive,
            sequence=sequence,
            bytes=told.number("bytes"),
            encrypted=told.flag("encrypted"),
            recipients=told.text_list("recipients"),
            contents=told.mapping("contents"),
            versions=told.texts("versions"),
            seconds=told.mapping("seconds"),
            created_at=told.moment("created_at"),
            verified_at=told.moment_or_none("verified_at"),
            proven_at=told.moment_or_none("proven_at"),
            release=told.mapping_or_none("release"),
            warnings=told.text_list("warnings"),
            stall=told.real_or_none("stall"),
            remotes=told.mapping("remotes"),
            pinned=told.flag("pinned"),
        )
