"""Encryption to keys: the age format (https://age-encryption.org/v1), X25519 recipients, streamed.

pyrage works on file objects and returns when it is through, so it runs in a thread, with a pipe to the job. It can lose
a last write that failed without a word: the file it writes to is wrapped, and whatever failed there is raised by
``close``. Backups are read back in any case.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Callable, Iterable, Sequence
from threading import Thread
from typing import Any, Protocol

import pyrage  # type: ignore[import-untyped]
from pyrage import x25519

from llmchat_archive.errors import ArchiveError

MAGIC = b"age-encryption.org/v1"
SECRET_PREFIX = "AGE-SECRET-KEY-"  # noqa: S105 - what every secret key begins with
PIPE_BYTES = 1024**2
MAX_HEADER = 64 * 1024
"""Bytes before the encrypted ones: about 98 for each key. The library's time grows with their square and more, and
nothing can interrupt it meanwhile."""

HEADER_END = b"\n--- "
"""https://c2sp.org/age, "Header": the line after the last key."""

_PIECE = 256 * 1024

Recipient = Any
Identity = Any


class Writable(Protocol):
    """What is written to."""

    def write(self, data: bytes, /) -> object:
        """Write all of it."""
        ...


class Readable(Protocol):
    """What is read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most that many bytes, none at the end."""
        ...


def parse_recipients(texts: Iterable[str]) -> list[Recipient]:
    """Read public keys; raises ArchiveError ``key_missing`` for what is none, and never repeats a secret one."""
    found = []
    for text in texts:
        try:
            found.append(x25519.Recipient.from_str(text))
        except pyrage.RecipientError:
            shown = "a secret key" if SECRET_PREFIX in text.upper() else f"'{text}'"
            raise ArchiveError(
                f"{shown} is not a public key of age.",
                code="key_missing",
                hint="Public keys begin with age1; llmchat-deploy backup key show-recipient prints this project's.",
            ) from None
    return found


def new_identity() -> tuple[str, str]:
    """Return a new secret key and its public one, as texts."""
    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def parse_identities(texts: Iterable[str]) -> list[Identity]:
    """Read secret keys, one or more in a text, as in age's key files; comments are ignored.

    Raises ArchiveError ``key_missing`` for what is none, without repeating it.
    """
    lines = [line.strip() for text in texts for line in re.split(r"[\r\n]+", text)]
    try:
        return [x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError:
        raise ArchiveError(
            "A key that was given is not a secret key of age.",
            code="key_missing",
            hint=f"A key file holds one line that begins with {SECRET_PREFIX}1.",
        ) from None


def open_encrypting(raw: Writable, recipients: Sequence[Recipient]) -> Encrypting:
    """Return a file object: what is written to it arrives encrypted in ``raw``, all of it when ``close`` returns."""
    return Encrypting(raw, recipients)


def open_decrypting(raw: Readable, identities: Sequence[Identity]) -> Decrypting:
    """Return a file object with the plain bytes of ``raw``.

    Bytes come before the next piece is known to be good: nothing may be used before the end was read. ``read`` raises
    ArchiveError ``key_missing``, ``wrong_key``, ``damaged``.
    """
    if not identities:
        raise ArchiveError(
            "The backup is encrypted and no key was given.",
            code="key_missing",
            hint="The key is in the file .backup-key.ENV of the machine that made it, and where its copy is kept.",
        )
    return Decrypting(raw, identities)


class _Latch:
    """Keeps what failed: pyrage forgets it."""

    def __init__(self, raw: Writable) -> None:
        self._raw = raw
        self.failed: BaseException | None = None

    def write(self, data: bytes) -> int:
        if self.failed is not None:
            raise self.failed
        try:
            self._raw.write(data)
        except BaseException as error:
            self.failed = error
            raise
        return len(data)

    def flush(self) -> None:
        if self.failed is not None:
            raise self.failed


class _Piped:
    """A thread between a pipe and a file."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.failed: BaseException | None = None
        self._work = work
        self._thread = Thread(target=self._run, name="age", daemon=True)
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001 - raised where the job waits for it
            self.failed = error


class Encrypting:
    """The plain side of an encryption."""

    def __init__(self, raw: Writable, recipients: Sequence[Recipient]) -> None:
        reading, self._pipe = _pipe()
        self._latch = _Latch(raw)

        def work() -> None:
            with os.fdopen(reading, "rb", buffering=_PIECE) as plain:
                pyrage.encrypt_io(plain, self._latch, list(recipients))

        self._thread = _Piped(work)

    def write(self, data: bytes) -> int:
        """Encrypt some bytes; raises what writing them raised."""
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._pipe, view) :]
        except BrokenPipeError:
            self.close()
            raise
        return len(data)

    def flush(self) -> None:
        """Do nothing: an unfinished piece of 64 KiB can't be written."""

    def close(self) -> None:
        """Write the end; raises what writing raised."""
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1
            self._thread.join()
        if failed := self._latch.failed or self._thread.failed:
            raise failed


class Decrypting:
    """The plain side of a decryption."""

    def __init__(self, raw: Readable, identities: Sequence[Identity]) -> None:
        reading, writing = _pipe()
        self._plain = os.fdopen(reading, "rb", buffering=_PIECE)

        def work() -> None:
            with os.fdopen(writing, "wb", buffering=0) as plain:
                pyrage.decrypt_io(self._source, _Whole(plain), list(identities))

        self._source = _Source(raw)
        self._thread = _Piped(work)

    def read(self, size: int = -1) -> bytes:
        """Return some plain bytes; at the end raise what was wrong with the encrypted ones."""
        data = self._plain.read(size)
        if (size and len(data) < size) or size < 0:
            self._thread.join()
            if failed := self._source.failed or self._thread.failed:
                raise _translated(failed)
        return data

    def close(self) -> None:
        """Stop reading."""
        self._plain.close()
        self._thread.join()


class _Source:
    """What is read from, with a header of bounded length. Keeps what failed: pyrage makes a text of it."""

    def __init__(self, raw: Readable) -> None:
        self._raw = raw
        self._ahead: bytes | None = None
        self.failed: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            if self._ahead is None:
                self._ahead = self._header()
            if not self._ahead:
                return self._raw.read(size)
        except BaseException as error:
            self.failed = error
            raise
        size = len(self._ahead) if size < 0 else size
        given, self._ahead = self._ahead[:size], self._ahead[size:]
        return given

    def _header(self) -> bytes:
        start = b""
        while HEADER_END not in start and len(start) < MAX_HEADER:
            piece = self._raw.read(MAX_HEADER - len(start))
            if not piece:
                break
            start += piece
        if HEADER_END not in start:
            raise ArchiveError("The encrypted backup is damaged or cut: its header has no end.", code="damaged")
        return start


class _Whole:
    """A pipe that takes all it is given; when nobody reads any more, that is the end and no error."""

    def __init__(self, pipe: Any) -> None:
        self._pipe = pipe

    def write(self, data: bytes) -> int:
        view = memoryview(data)
        while view:
            view = view[self._pipe.write(view) :]
        return len(data)

    def flush(self) -> None:
        pass


def _translated(error: BaseException) -> BaseException:
    if isinstance(error, pyrage.DecryptError) and "No matching keys" in str(error):
        return ArchiveError(
            "None of the keys opens the backup.",
            code="wrong_key",
            hint="It names the public keys that it was made for: llmchat-deploy backup show ID",
        )
    if isinstance(error, pyrage.DecryptError) or (isinstance(error, OSError) and error.errno is None):
        return ArchiveError(f"The encrypted backup is damaged or cut: {error}.", code="damaged")
    return error


def _pipe() -> tuple[int, int]:
    reading, writing = os.pipe()
    with contextlib.suppress(OSError, AttributeError):  # fewer bytes a turn where it is forbidden
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    return reading, writing
