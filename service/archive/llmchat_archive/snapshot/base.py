"""What a job on backups asks of a database. Everything that is true of one engine only stays in its adapter."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from llmchat_archive.events import Events
from llmchat_archive.model import Database


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """A finished copy."""

    file: Path
    bytes: int
    seconds: float
    """How long the copying took; checking it comes on top."""


class Snapshot(Protocol):
    """Copies a database while it is written to, and tells whether a copy is good."""

    def names(self) -> frozenset[str]:
        """Return the names, in the data root, of all files that belong to the database: no walk may take them."""
        ...

    def size(self, data: Path) -> int:
        """Return the most bytes that a copy of the database in ``data`` may take now.

        Raises ArchiveError ``not_found`` where there is no database.
        """
        ...

    def take(self, data: Path, target: Path, events: Events, *, compact: bool, deadline: float) -> SnapshotInfo:
        """Write a consistent copy of the database in ``data`` to the new file ``target``; the source isn't changed.

        The disk may not have all of the copy yet: see :mod:`llmchat_archive.flush`.
        ``compact`` leaves out the space, and with it the text, of what was deleted. ``deadline`` is in seconds from
        now. Raises ArchiveError ``not_found``, ``busy``, ``source_damaged``, ``no_space``, ``snapshot_timeout``.
        """
        ...

    def check(self, copy: Path) -> Database:
        """Check every page, index and reference of a finished copy and describe it.

        Raises ArchiveError ``source_damaged`` for one that isn't whole.
        """
        ...

    def describe(self, data: Path) -> Database:
        """Check the database in a data root that the service has left, and describe it.

        Raises ArchiveError ``not_found``, ``source_damaged``.
        """
        ...

    def restored(self, data: Path, expected: Database) -> None:
        """Check the database in a restored data root; raises ArchiveError ``damaged`` where it isn't the expected."""
        ...
