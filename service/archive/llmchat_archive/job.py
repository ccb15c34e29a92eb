"""What a job is told, and the folder it works in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WORK = "llmchat-work"
"""The one name that jobs use in their scratch folder. The lock sees to it that only one job runs."""


class BadJob(Exception):
    """The job itself can't be understood: a mistake of the program that asked for it."""


@dataclass(frozen=True, slots=True)
class Job:
    """The JSON object a job is told, with names and types checked where they are read."""

    told: Mapping[str, Any]

    def text(self, name: str) -> str:
        """Return a text that must be there."""
        return str(self._typed(name, str, needed=True))

    def text_or_none(self, name: str) -> str | None:
        """Return a text, None where it is absent or null."""
        value = self._typed(name, str)
        return None if value is None else str(value)

    def path(self, name: str) -> Path:
        """Return an absolute path that must be there."""
        path = Path(self.text(name))
        if not path.is_absolute():
            raise BadJob(f"'{name}' must be an absolute path")
        return path

    def flag(self, name: str) -> bool:
        """Return a truth value, false where it is absent."""
        return bool(self._typed(name, bool))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts, an empty one where it is absent."""
        values = self._typed(name, list) or []
        if not all(isinstance(value, str) for value in values):
            raise BadJob(f"'{name}' must hold texts only")
        return tuple(values)

    def mapping(self, name: str) -> dict[str, Any] | None:
        """Return an object, None where it is absent or null."""
        value = self._typed(name, dict)
        return None if value is None else dict(value)

    def _typed(self, name: str, kind: type, *, needed: bool = False) -> Any:
        value = self.told.get(name)
        if value is None and not needed:
            return None
        if not isinstance(value, kind):
            raise BadJob(f"'{name}' must be of type {kind.__name__}")
        return value


@contextmanager
def work_folder(scratch: Path) -> Iterator[Path]:
    """Give an empty folder and remove it afterwards, and first of all what a killed job left there."""
    folder = scratch / WORK
    clear(folder)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        clear(folder)


def clear(path: Path) -> None:
    """Remove a folder or file, whatever it holds and whatever modes were restored on it; links aren't followed."""
    if path.is_symlink() or path.is_file():
        path.unlink()
        return
    if not path.exists():
        return
    path.chmod(0o700)
    for folder in path.rglob("*"):
        if folder.is_dir() and not folder.is_symlink():
            folder.chmod(0o700)
    shutil.rmtree(path)
