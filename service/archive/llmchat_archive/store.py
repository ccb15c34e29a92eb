"""The backups of one project in a folder. Their order is that of their sequence numbers, never of a clock."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmchat_archive.errors import ArchiveError
from llmchat_archive.model import ENCRYPTED, ENDING, Sidecar, parse_id

MODE = 0o640
MAX_SIDECAR = 4 * 1024**2
LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Listing:
    """The backups in a folder, oldest first, and what was found there that can't be read."""

    sidecars: tuple[Sidecar, ...]
    unreadable: tuple[tuple[str, str], ...]
    """File names and what is wrong with each."""


class Store:
    """Backups of ``project`` in ``folder``. Only the holder of the lock may write.

    A backup is there when its sidecar is: it is written last and removed first. Raises OSError, and ArchiveError
    ``not_found``.
    """

    def __init__(self, folder: Path, project: str) -> None:
        self.folder, self.project = folder, project
        self._sidecar = re.compile(rf"{re.escape(project)}-(\d{{8}}-\d{{6}}-(\d{{4,12}}))\.json")
        self._numbered = re.compile(rf"\.?{re.escape(project)}-\d{{8}}-\d{{6}}-(\d{{4,12}})\..*")
        self._part = re.compile(rf"\.{re.escape(project)}-\d{{8}}-\d{{6}}-\d{{4,12}}\..*\.part")

    def listing(self) -> Listing:
        """Read every sidecar of the project."""
        found, unreadable = [], []
        for name in self._names():
            if match := self._sidecar.fullmatch(name):
                try:
                    found.append(self._read(name, match[1]))
                except ArchiveError as error:
                    unreadable.append((name, str(error)))
                except FileNotFoundError:  # removed meanwhile: who only lists needs no lock
                    continue
                except OSError as error:
                    unreadable.append((name, f"{name} can't be read: {error.strerror}."))
        return Listing(tuple(sorted(found, key=lambda sidecar: sidecar.sequence)), tuple(unreadable))

    def sidecars(self) -> tuple[Sidecar, ...]:
        """Return the backups that can be read, oldest first."""
        return self.listing().sidecars

    def get(self, wanted: str) -> Sidecar:
        """Return a backup by its id, or the newest one for ``latest``."""
        if wanted == LATEST:
            if sidecars := self.sidecars():
                return sidecars[-1]
            raise ArchiveError("There is no backup yet.", code="not_found", hint="Make one: llmchat-deploy backup")
        parse_id(wanted)
        name = f"{self.project}-{wanted}.json"
        if not (self.folder / name).is_file():
            raise ArchiveError(
                f"There is no backup {wanted}.", code="not_found", hint="List them: llmchat-deploy backup list"
            )
        return self._read(name, wanted)

    def path(self, sidecar: Sidecar) -> Path:
        """Return where a backup's archive lies."""
        return self.folder / sidecar.archive

    def next_sequence(self) -> int:
        """Return a number that is higher than any this folder has seen."""
        used = [int(match[1]) for name in self._names() if (match := self._numbered.fullmatch(name))]
        recorded = self.state().get("sequence")
        return 1 + max([*used, recorded if isinstance(recorded, int) else 0])

    def begin(self, backup: str, *, encrypted: bool) -> Path:
        """Remove what killed jobs left, and return the path to write a new archive to."""
        self.clear_parts()
        return self.folder / f".{self.archive_name(backup, encrypted=encrypted)}.part"

    def clear_parts(self) -> None:
        """Remove what killed jobs left: the lock says that nobody is at work.

        An archive that got its name but no sidecar any more is one of those, if it is the one that was being named.
        """
        named = self.state().get("committing")
        if isinstance(named, str) and (match := self._numbered.fullmatch(named)) and "/" not in named:
            backup = named.removeprefix(f"{self.project}-").partition(".")[0]
            if match and not (self.folder / f"{self.project}-{backup}.json").exists():
                (self.folder / named).unlink(missing_ok=True)
        for name in self._names():
            if self._part.fullmatch(name):
                (self.folder / name).unlink(missing_ok=True)

    def archive_name(self, backup: str, *, encrypted: bool) -> str:
        """Return the name of an archive."""
        return f"{self.project}-{backup}{ENDING}{ENCRYPTED if encrypted else ''}"

    def commit(self, part: Path, sidecar: Sidecar) -> None:
        """Give a written and flushed archive its name, then its sidecar: from then on there is a backup."""
        self.write_state(sequence=sidecar.sequence, committing=sidecar.archive)
        try:
            part.rename(self.path(sidecar))
            self._flush()
            self.update(sidecar)
        except BaseException:
            self.remove(sidecar.id)
            raise

    def update(self, sidecar: Sidecar) -> None:
        """Write a sidecar, whole or not at all."""
        self._write(f"{self.project}-{sidecar.id}.json", sidecar.to_json())

    def remove(self, backup: str) -> None:
        """Remove a backup, its sidecar first; what of it isn't there is no error."""
        parse_id(backup)
        (self.folder / f"{self.project}-{backup}.json").unlink(missing_ok=True)
        self._flush()
        for encrypted in (False, True):
            (self.folder / self.archive_name(backup, encrypted=encrypted)).unlink(missing_ok=True)
        self._flush()

    def state(self) -> dict[str, Any]:
        """Return what the jobs of this project have written down; nothing where it can't be read."""
        try:
            data = json.loads((self.folder / f"{self.project}.state").read_bytes()[:MAX_SIDECAR])
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}

    def write_state(self, **changes: Any) -> None:
        """Change some of what is written down, whole or not at all."""
        self._write(f"{self.project}.state", self.state() | changes)

    def _names(self) -> list[str]:
        try:
            return sorted(path.name for path in self.folder.iterdir())
        except FileNotFoundError:
            return []

    def _read(self, name: str, backup: str) -> Sidecar:
        try:
            with (self.folder / name).open("rb") as file:
                sidecar = Sidecar.from_json(json.loads(file.read(MAX_SIDECAR)))
        except (ValueError, RecursionError):
            raise ArchiveError(f"{name} isn't JSON.", code="damaged") from None
        if sidecar.id != backup or sidecar.project != self.project:
            raise ArchiveError(f"{name} describes another backup.", code="damaged")
        return sidecar

    def _write(self, name: str, data: Mapping[str, Any]) -> None:
        part = self.folder / f".{name}.part"
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(json.dumps(data, indent=1, ensure_ascii=False).encode() + b"\n")
                file.flush()
                os.fsync(descriptor)
            part.rename(self.folder / name)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        self._flush()

    def _flush(self) -> None:
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
