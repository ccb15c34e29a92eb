"""What a place elsewhere can do, and what is done with any of them: confirm, fetch, probe."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from llmchat_archive.errors import ArchiveError

MIB = 1024 * 1024

Moved = Callable[[int], None]
"""Is told how many bytes went over the wire since it was told last; may raise to stop."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a remote may take, in seconds, before it counts as failed."""

    connect: float = 15
    silence: float = 60
    """Without any answer, on a connection that is open."""
    request: float = 180
    """One request of an object store: at most ``chunk`` bytes, ``parallel`` of them at a time."""
    retries: int = 3
    chunk: int = 8 * MIB
    parallel: int = 3
    slowest: int = 32 * 1024
    """Bytes a second below which a remote counts as hanging, over a whole transfer."""

    def whole(self, size: int) -> float:
        """Return the seconds that an upload of ``size`` bytes may take, read back included."""
        return self.connect + 4 * self.silence + self.request + 2 * size / self.slowest


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that a remote has."""

    name: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Expected:
    """What a file must have: its size in bytes, and the SHA-256 of its content in hexadecimal."""

    bytes: int
    sha256: str


class Remote(Protocol):
    """A flat folder elsewhere. Each method raises ArchiveError (remote_failed), within the limits it was given."""

    @property
    def name(self) -> str:
        """Return the name in the configuration."""

    def put(self, path: Path, name: str, moved: Moved) -> None:
        """Store a file. Until all of it is there, ``name`` is absent or has its old content."""

    def size(self, name: str) -> int | None:
        """Return the size in bytes of a stored file, as the remote says; None where it has none."""

    def chunks(self, name: str, size: int) -> Iterator[bytes]:
        """Read ``size`` bytes of a stored file."""

    def list(self) -> list[Stored]:
        """Return what is stored."""

    def remove(self, name: str) -> None:
        """Remove a stored file; one that isn't there is no error."""


def open_remote(name: str, settings: Mapping[str, Any], limits: Limits) -> AbstractContextManager[Remote]:
    """Connect to a remote of the configuration. Raises ArchiveError (remote_failed, bad_job)."""
    kind = settings.get("kind")
    if kind == "s3":
        from llmchat_archive.remotes.s3 import S3Remote  # noqa: PLC0415 - obstore is only in containers

        return S3Remote(name, settings, limits)
    if kind == "sftp":
        from llmchat_archive.remotes.sftp import SftpRemote  # noqa: PLC0415 - paramiko is only in containers

        return SftpRemote(name, settings, limits)
    raise ArchiveError(f"The remote '{name}' has no kind of s3 or sftp, but '{kind}'.", code="bad_job")


def setting(name: str, settings: Mapping[str, Any], key: str) -> str:
    """Return a setting that a remote can't do without. Raises ArchiveError (bad_job)."""
    value = str(settings.get(key) or "")
    if not value:
        raise ArchiveError(
            f"The remote '{name}' has no {key}.",
            code="bad_job",
            hint=f"Set backup.remotes.{name}.{key}; secrets belong into the env file.",
        )
    return value


def failed(name: str, what: str, *, secrets: tuple[str, ...] = ()) -> ArchiveError:
    """Make the error of a remote: one line, without any of its secrets."""
    text = " ".join(what.split())[:400]
    for secret in secrets:
        text = text.replace(secret, "***")
    return ArchiveError(f"The remote '{name}' failed: {text}", code="remote_failed")


def confirm(remote: Remote, name: str, expected: Expected, moved: Moved) -> None:
    """Read a stored file back and compare it. Raises ArchiveError (remote_failed) where it differs.

    What a store says of checksums isn't enough: S3's of a multipart upload cover its parts, and not all have them.
    """
    found = remote.size(name)
    if found != expected.bytes:
        raise failed(remote.name, f"it stored {found or 0} of {expected.bytes} bytes of {name}.")
    _compare(remote, name, expected, moved)


def fetch(remote: Remote, name: str, target: Path, expected: Expected, moved: Moved) -> None:
    """Bring a stored file into a new file, fsynced; nothing is left where it isn't what it should be.

    Raises ArchiveError: not_found, remote_failed, write_failed.
    """
    found = remote.size(name)
    if found is None:
        raise ArchiveError(f"The remote '{remote.name}' has no {name}.", code="not_found")
    if found != expected.bytes:
        raise failed(remote.name, f"it has {found} of {expected.bytes} bytes of {name}.")
    try:
        with target.open("xb") as file:
            _compare(remote, name, expected, moved, file.write)
            file.flush()
            os.fsync(file.fileno())
    except BaseException as error:
        target.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise ArchiveError(f"{target} can't be written: {error.strerror}.", code="write_failed") from error
        raise


def read_small(remote: Remote, name: str, limit: int) -> bytes:
    """Return the content of a small stored file. Raises ArchiveError: not_found, remote_failed."""
    size = remote.size(name)
    if size is None:
        raise ArchiveError(f"The remote '{remote.name}' has no {name}.", code="not_found")
    if size > limit:
        raise failed(remote.name, f"its {name} has {size} bytes, more than a sidecar can have.")
    return b"".join(remote.chunks(name, size))


def _compare(remote: Remote, name: str, expected: Expected, moved: Moved, *takers: Callable[[bytes], object]) -> None:
    digest = hashlib.sha256()
    for chunk in remote.chunks(name, expected.bytes):
        digest.update(chunk)
        for take in takers:
            take(chunk)
        moved(len(chunk))
    if digest.hexdigest() != expected.sha256:
        raise failed(remote.name, f"what it gives back of {name} is not what was sent.")
