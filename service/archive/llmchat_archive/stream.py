"""The plain tar bytes of an archive file: zstd on all cores, then age where there are keys; digests on the way."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from llmchat_archive import age
from llmchat_archive.errors import ArchiveError
from llmchat_archive.flush import WriteOut

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LEVEL = 2
"""Takes 0.6 of the time of level 3 and makes chats 5 % larger; level 1 takes 0.4 and makes them 17 % larger."""

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
"""RFC 8878, section 3.1.1."""

MAX_WINDOW_LOG = 25
"""32 MiB: what a frame may ask of our memory. Ours need 2 MiB at most."""

MODE = 0o640

DENSE = 250
DENSE_FREE = 16 * 1024**2
DENSE_PIECE = 2048
"""What shrinks more than this is written in small pieces, so that no archive of ours looks like a bomb to its reader.

Otherwise somebody who uploads files full of zeros would make an archive that nobody takes back. A piece takes 4 bytes
at least.
"""

_PIECE = 1024**2


class ArchiveWriter:
    """Takes tar bytes; ``sha256`` and ``bytes`` of the file are known, and it is on the disk, when it is closed."""

    def __init__(self, path: Path, recipients: Sequence[age.Recipient]) -> None:
        self._file = _Hashed(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE))
        self._age = age.open_encrypting(self._file, recipients) if recipients else None
        options: dict[int, int] = {
            zstd.CompressionParameter.compression_level: LEVEL,
            zstd.CompressionParameter.checksum_flag: 1,
            zstd.CompressionParameter.nb_workers: len(os.sched_getaffinity(0)),
        }
        self._zstd = zstd.ZstdCompressor(options=options)
        self._plain = self._packed = 0
        self.sha256, self.bytes = "", 0

    def write(self, data: bytes) -> int:
        """Compress and write."""
        self._plain += len(data)
        if self._is_dense():
            self._out(self._zstd.flush(zstd.ZstdCompressor.FLUSH_BLOCK))  # count what waits in the compressor too
        if self._is_dense():
            for start in range(0, len(data), DENSE_PIECE):
                piece = data[start : start + DENSE_PIECE]
                self._out(self._zstd.compress(piece, zstd.ZstdCompressor.FLUSH_BLOCK))
        else:
            self._out(self._zstd.compress(data))
        return len(data)

    def close(self) -> None:
        """Write the end and wait until the disk has it; raises OSError of any write before."""
        self._out(self._zstd.flush())
        if self._age is not None:
            self._age.close()
        self._file.finish()
        self.sha256, self.bytes = self._file.digest.hexdigest(), self._file.bytes

    def abort(self) -> None:
        """Let go of everything; the file is of no use."""
        try:
            if self._age is not None:
                self._age.close()
        except Exception:  # noqa: BLE001, S110 - what made it useless is being raised already
            pass
        self._file.close()

    def _is_dense(self) -> bool:
        return self._plain > DENSE * self._packed + DENSE_FREE

    def _out(self, data: bytes) -> None:
        self._packed += len(data)
        if data:
            (self._age or self._file).write(data)


class _Hashed:
    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._write_out = WriteOut(descriptor)
        self.digest, self.bytes = hashlib.sha256(), 0

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]
        self.digest.update(data)
        self.bytes += len(data)
        self._write_out.grown(self.bytes)

    def finish(self) -> None:
        os.fsync(self._descriptor)
        self.close()

    def close(self) -> None:
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)


class ArchiveReader(io.RawIOBase):
    """Gives tar bytes. Only when the end was read, the bytes are known to be what was written.

    ``done`` of ``total`` bytes of the file are through; ``sha256`` is the file's at the end.
    """

    def __init__(self, path: Path, identities: Sequence[age.Identity]) -> None:
        super().__init__()
        self._raw = _Counted(path)
        self.total = self._raw.total
        start = self._raw.peek()
        self._age: age.Decrypting | None = None
        if start.startswith(age.MAGIC):
            try:
                self._age = age.open_decrypting(self._raw, identities)
            except ArchiveError:
                self._raw.close()
                raise
        elif not start.startswith(ZSTD_MAGIC):
            self._raw.close()
            raise ArchiveError(f"{path.name} is not a backup of llmchat-deploy.", code="not_an_archive")
        options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: MAX_WINDOW_LOG}
        self._zstd = zstd.ZstdDecompressor(options=options)

    @property
    def done(self) -> int:
        """Return how many bytes of the file were read."""
        return self._raw.done

    @property
    def sha256(self) -> str:
        """Return the digest of what was read."""
        return self._raw.digest.hexdigest()

    def readable(self) -> bool:
        """Return true."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with tar bytes; see :meth:`read`."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def read(self, size: int = -1, /) -> bytes:
        """Return at most that many tar bytes as they are: what RawIOBase does copies each of them twice.

        Raises ArchiveError ``damaged``, and those of the decryption.
        """
        source = self._age or self._raw
        try:
            while not self._zstd.eof:
                piece = source.read(_PIECE) if self._zstd.needs_input else b""
                if not piece and self._zstd.needs_input:
                    raise ArchiveError("The backup is cut: its end is missing.", code="damaged")
                data: bytes = self._zstd.decompress(piece, size)
                if data:
                    return data
            if self._zstd.unused_data or source.read(1):
                raise ArchiveError("Something follows the end of the backup.", code="damaged")
        except zstd.ZstdError as error:
            raise ArchiveError(f"The backup is damaged: {error}.", code="damaged") from error
        return b""

    def close(self) -> None:
        """Let go of the file."""
        if not self.closed:
            if self._age is not None:
                self._age.close()
            self._raw.close()
        super().close()


class _Counted:
    def __init__(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe without a writer doesn't block
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            os.close(descriptor)
            raise ArchiveError(f"{path.name} is not a file.", code="not_an_archive")
        self._file = os.fdopen(descriptor, "rb", buffering=0)
        self.total = about.st_size
        self.digest, self.done = hashlib.sha256(), 0
        self._ahead = memoryview(b"")

    def peek(self) -> bytes:
        start = os.pread(self._file.fileno(), len(age.MAGIC), 0)
        return bytes(start)

    def read(self, size: int = -1) -> bytes:
        """Return bytes of the file; small reads are cut from large ones."""
        if size < 0:
            size = self.total
        if not self._ahead:
            data = self._file.read(_PIECE) or b""
            self.digest.update(data)
            self.done += len(data)
            self._ahead = memoryview(data)
        given, self._ahead = bytes(self._ahead[:size]), self._ahead[size:]
        return given

    def close(self) -> None:
        self._file.close()
