"""Look into archives on this machine; what the archive package can't read is told as our errors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from llmchat_archive import age, reader
from llmchat_archive.errors import ArchiveError

from llmchat_deploy.errors import ArchiveFailed

if TYPE_CHECKING:
    from llmchat_archive.model import Header

    from llmchat_deploy.secret import Secret

_GZIP = b"\x1f\x8b"
"""RFC 1952, section 2.3.1: how the guide's archives begin."""


def is_file(path: str) -> bool:
    """Say whether there is a file of that name; raises ArchiveFailed where this user can't tell."""
    try:
        return _expanded(path).is_file()
    except PermissionError as error:
        raise _translated(error, path) from error
    except OSError:  # a name that no file can have
        return False


def absolute(path: str) -> str:
    """Return a path as seen from anywhere; links are followed, so that one file has one path."""
    return str(_expanded(path).resolve())


def header(path: str, identities: Sequence[Secret]) -> Header | None:
    """Read the beginning of an archive: whose backup it is; None for a ``.tar.gz`` such as the guide's.

    Raises ArchiveFailed (``not_an_archive``, ``key_missing``, ``wrong_key``, ``damaged``, ``format_unknown``).
    """
    try:
        with Path(path).open("rb") as file:
            if file.read(2) == _GZIP:
                return None
        return reader.read_header(Path(path), _keys(identities))
    except (ArchiveError, OSError) as error:
        raise _translated(error, path) from error


def settings(path: str, identities: Sequence[Secret], environment: str) -> tuple[str, str] | None:
    """Verify a whole archive and return profile and env file that travel in it, None where there are none.

    ``environment`` is the one the archive is of. Raises ArchiveFailed as :func:`header` does.
    """
    names = (f"config/{environment}.toml", "config/env")
    try:
        keys = _keys(identities)
        reader.verify_archive(Path(path), keys, _Quiet())
        found = reader.extract_small(Path(path), keys, names)
        if set(found) != set(names):
            return None
        return found[names[0]].decode(), found[names[1]].decode()
    except (ArchiveError, OSError, UnicodeDecodeError) as error:
        raise _translated(error, path) from error


def _expanded(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:  # nobody of that name has a home: then it is a name like any other
        return Path(path)


class _Quiet:
    def progress(self, stage: str, done: int, total: int) -> None:
        """Say nothing."""

    def warning(self, code: str, message: str) -> None:
        """Say nothing."""


def _keys(identities: Sequence[Secret]) -> list[age.Identity]:
    return age.parse_identities(identity.reveal() for identity in identities)


def _translated(error: Exception, path: str) -> ArchiveFailed:
    if isinstance(error, ArchiveError):
        return ArchiveFailed(str(error), code=error.code, hint=error.hint)
    if isinstance(error, OSError):
        return ArchiveFailed(
            f"{path} can't be read: {error.strerror}.", code="unreadable", hint=f"Look at it: ls -l {path}"
        )
    return ArchiveFailed(f"The settings in {path} aren't text.", code="damaged")
