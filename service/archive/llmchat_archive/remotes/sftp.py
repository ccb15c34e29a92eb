"""Copies on a machine that is reached by SSH: SFTP, as OpenSSH's server speaks it."""

from __future__ import annotations

import base64
import binascii
import io
import socket
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import paramiko
from paramiko.sftp import CMD_EXTENDED

from llmchat_archive.errors import ArchiveError
from llmchat_archive.remotes.base import Limits, Moved, Stored, failed, setting

BLOCK = 1024 * 1024
AHEAD = 128
"""Requests of 32 KiB in flight: 4 MiB, enough for 100 MB/s at 40 ms."""


class SftpRemote:
    """A folder of a user of another machine, whose host key is known beforehand: nothing is trusted on first use."""

    def __init__(self, name: str, settings: Mapping[str, Any], limits: Limits) -> None:
        self.name = name
        self._limits, self._settings = limits, settings
        self._secrets = tuple(str(settings[key]) for key in ("password", "private_key") if settings.get(key))
        self._folder = (str(settings.get("path") or "") or ".").rstrip("/") or "/"
        self._client = paramiko.SSHClient()
        self._sftp: paramiko.SFTPClient

    def __enter__(self) -> Self:
        host, port = setting(self.name, self._settings, "host"), int(self._settings.get("port") or 22)
        key = _host_key(self.name, setting(self.name, self._settings, "host_key"))
        known = host if port == paramiko.config.SSH_PORT else f"[{host}]:{port}"
        self._client.get_host_keys().add(known, key.get_name(), key)
        self._client.set_missing_host_key_policy(paramiko.RejectPolicy())
        try:
            with self._translated():
                self._client.connect(
                    host,
                    port,
                    username=setting(self.name, self._settings, "user"),
                    password=str(self._settings.get("password") or "") or None,
                    pkey=_private_key(self.name, str(self._settings.get("private_key") or "")),
                    allow_agent=False,
                    look_for_keys=False,
                    timeout=self._limits.connect,
                    banner_timeout=self._limits.connect,
                    auth_timeout=self._limits.connect,
                    channel_timeout=self._limits.connect,
                )
                self._sftp = self._client.open_sftp()
                if channel := self._sftp.get_channel():
                    channel.settimeout(self._limits.silence)
                self._make_folder()
        except BaseException:
            self._client.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up."""
        self._client.close()

    def put(self, path: Path, name: str, moved: Moved) -> None:
        """Write beside the name, have it written to the disk there, then rename."""
        aside = self._at(f".{name}.part")
        with self._translated(), path.open("rb") as source:
            with self._sftp.open(aside, "wb") as target:
                with suppress(OSError):
                    target.chmod(0o600)
                target.set_pipelined(pipelined=True)
                while block := source.read(BLOCK):
                    target.write(block)
                    moved(len(block))
                self._settle(target)
            self._rename(aside, self._at(name))

    def size(self, name: str) -> int | None:
        """Return the size of a file; None where there is none."""
        with self._translated():
            try:
                return self._sftp.stat(self._at(name)).st_size
            except FileNotFoundError:
                return None

    def chunks(self, name: str, size: int) -> Iterator[bytes]:
        """Read a file with many requests in flight."""
        with self._translated(), self._sftp.open(self._at(name), "rb") as file:
            file.prefetch(size, max_concurrent_requests=AHEAD)
            left = size
            while left:
                block = file.read(min(BLOCK, left))
                if not block:
                    return
                left -= len(block)
                yield block

    def list(self) -> list[Stored]:
        """Return the regular files of the folder, but for those half written."""
        with self._translated():
            found = self._sftp.listdir_attr(self._folder)
        return [
            Stored(item.filename, item.st_size or 0)
            for item in found
            if stat.S_ISREG(item.st_mode or 0) and not item.filename.startswith(".")
        ]

    def remove(self, name: str) -> None:
        """Remove a file."""
        with self._translated(), suppress(FileNotFoundError):
            self._sftp.remove(self._at(name))

    def _at(self, name: str) -> str:
        return f"{self._folder}/{name}"

    def _make_folder(self) -> None:
        parts = self._folder.split("/")
        for count in range(1, len(parts) + 1):
            path = "/".join(parts[:count]) or "/"
            try:
                self._sftp.stat(path)
            except FileNotFoundError:
                self._sftp.mkdir(path, 0o700)

    def _settle(self, target: paramiko.SFTPFile) -> None:
        """Take the answer to each write, and have the file written to the disk where the server can.

        The library has no public name for either: its close() takes the answers too, but drops what they say.
        """
        client: Any = self._sftp
        file: Any = target
        while file._reqs:  # noqa: SLF001
            client._read_response(file._reqs.popleft())  # noqa: SLF001
        with suppress(OSError):  # servers other than OpenSSH's may not know it
            client._request(CMD_EXTENDED, "fsync@openssh.com", file.handle)  # noqa: SLF001

    def _rename(self, aside: str, final: str) -> None:
        try:
            self._sftp.posix_rename(aside, final)
        except FileNotFoundError:
            raise
        except OSError:  # servers other than OpenSSH's: their rename refuses an existing name
            with suppress(FileNotFoundError):
                self._sftp.remove(final)
            self._sftp.rename(aside, final)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except paramiko.BadHostKeyException:
            what = "its host key is another one than host_key says: another machine answers, or it was set up anew."
            raise failed(self.name, what) from None
        except paramiko.AuthenticationException:
            raise failed(self.name, "it refuses the user, the password or the key.") from None
        except TimeoutError:
            raise failed(self.name, "it doesn't answer any more.") from None
        except (paramiko.SSHException, paramiko.SFTPError, OSError, EOFError) as error:
            what = str(error) or type(error).__name__
            raise failed(self.name, what, secrets=self._secrets) from None


def _host_key(name: str, text: str) -> paramiko.PKey:
    kind, _, rest = text.strip().partition(" ")
    try:
        return paramiko.PKey.from_type_string(kind, base64.b64decode(rest.split()[0], validate=True))
    except (paramiko.SSHException, paramiko.pkey.UnknownKeyType, binascii.Error, ValueError, IndexError) as error:
        raise ArchiveError(
            f"The host_key of the remote '{name}' is no public key.",
            code="bad_job",
            hint="It looks like 'ssh-ed25519 AAAA…': `ssh-keyscan -t ed25519 HOST` prints it after the host's name.",
        ) from error


def _private_key(name: str, text: str) -> paramiko.PKey | None:
    if not text:
        return None
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        with suppress(paramiko.SSHException, ValueError, IndexError, socket.error):
            return kind.from_private_key(io.StringIO(text))
    raise ArchiveError(
        f"The private key of the remote '{name}' can't be read.",
        code="bad_job",
        hint="It must be an OpenSSH key without a passphrase, of kind ed25519, ecdsa or rsa.",
    )
