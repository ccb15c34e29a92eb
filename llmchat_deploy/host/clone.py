"""The folder that holds the project's sources, as ``update`` sees it: a git clone and what a remote has for it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: its full id, when it was made (ISO 8601) and its first line."""

    id: str
    at: str
    subject: str


@dataclass(frozen=True, slots=True)
class Target:
    """A version to go to: a commit, and the branch that is checked out for it; no branch: the commit alone.

    ``tracks`` names the remote's branch where the local one has yet to be made.
    """

    commit: str
    branch: str = ""
    tracks: str = ""


@dataclass(frozen=True, slots=True)
class Coming:
    """What going to another version brings.

    ``commits`` come, ``undone`` go (``--ref`` to an older version), the newest first. ``kept`` are files that were
    changed here and stay as they are. ``tool`` says whether the tool's own code or what it needs is among the changes.
    """

    before: str
    target: Target
    commits: tuple[Commit, ...] = ()
    undone: tuple[Commit, ...] = ()
    kept: tuple[str, ...] = ()
    tool: bool = False

    @property
    def moves(self) -> bool:
        """Whether the files become another version's."""
        return self.before != self.target.commit


class Clone(Protocol):
    """A git clone; nothing that was changed in it by hand is ever lost."""

    @property
    def folder(self) -> Path:
        """Return its topmost folder."""

    def commit(self) -> str:
        """Return the commit that is checked out."""

    def fetch(self) -> None:
        """Bring what the remote has; no file of the folder changes. Raises RemoteUnreachable or CloneRefused."""

    def coming(self, ref: str | None) -> Coming:
        """Return what going to ``ref`` (None: to the newest of this branch) would bring.

        Raises CloneRefused where it isn't known, where histories have parted, and where changes would be lost.
        """

    def move(self, coming: Coming) -> None:
        """Go there; raises CloneRefused where git declines, with nothing lost."""

    def holds(self, commit: str, path: str, text: str = "") -> bool:
        """Say whether a version has a file, and in it ``text``."""

    def tree(self, coming: Coming) -> AbstractContextManager[Path]:
        """Lay out the files aside as they will be, with what was changed here, for as long as the context lasts."""
