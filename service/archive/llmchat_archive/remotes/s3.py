"""Copies in an object store that speaks S3: Amazon's, or one of the many compatible ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from llmchat_archive.errors import ArchiveError
from llmchat_archive.remotes.base import Limits, Moved, Stored, failed, setting

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config  # only in its stubs

PARTS = 9_000
"""Parts of one upload: S3 takes 10,000 (docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html)."""


class S3Remote:
    """A prefix of a bucket. An object appears whole or not at all: that is S3's own promise, so there is no rename."""

    def __init__(self, name: str, settings: Mapping[str, Any], limits: Limits) -> None:
        self.name = name
        self._limits = limits
        self._secrets = tuple(setting(name, settings, key) for key in ("secret_key", "access_key"))
        endpoint = str(settings.get("endpoint") or "")
        prefix = str(settings.get("prefix") or "").strip("/")
        self._prefix = f"{prefix}/" if prefix else ""
        config: S3Config = {
            "bucket": setting(name, settings, "bucket"),
            "access_key_id": self._secrets[1],
            "secret_access_key": self._secrets[0],
            "region": str(settings.get("region") or "us-east-1"),
            "disable_bulk_delete": True,  # not all compatible stores have it
        }
        if endpoint:
            config["endpoint"] = endpoint
        client: ClientConfig = {
            "allow_http": _may_be_plain(name, endpoint, settings),
            "connect_timeout": timedelta(seconds=limits.connect),
            "timeout": timedelta(seconds=limits.request),
        }
        retries: RetryConfig = {
            "max_retries": limits.retries,
            "retry_timeout": timedelta(seconds=limits.request),
        }
        with self._translated():
            self._store = S3Store(config=config, client_options=client, retry_config=retries)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Keep nothing: connections belong to the library, which closes them when they are idle."""

    def put(self, path: Path, name: str, moved: Moved) -> None:
        """Store a file, in parts where it is large."""
        size = path.stat().st_size
        chunk = max(self._limits.chunk, size // PARTS)
        with self._translated(), path.open("rb") as file:
            obstore.put(
                self._store,
                self._prefix + name,
                _Counted(file, moved),  # type: ignore[arg-type]  # it reads, seeks and tells: no more is used
                use_multipart=size > chunk,
                chunk_size=chunk,
                max_concurrency=self._limits.parallel,
            )

    def size(self, name: str) -> int | None:
        """Return the size of an object; None where there is none."""
        with self._translated():
            try:
                return obstore.head(self._store, self._prefix + name)["size"]
            except FileNotFoundError:
                return None

    def chunks(self, name: str, size: int) -> Iterator[bytes]:
        """Read an object by ranges: each is a request with a time limit of its own."""
        for start in range(0, size, self._limits.chunk):
            length = min(self._limits.chunk, size - start)
            with self._translated():
                part = obstore.get_range(self._store, self._prefix + name, start=start, length=length)
            yield bytes(part)

    def list(self) -> list[Stored]:
        """Return the objects directly below the prefix."""
        with self._translated():
            found = obstore.list_with_delimiter(self._store, self._prefix or None)["objects"]
        # Some stores list the folder itself, as an object without content.
        return [
            Stored(item["path"].removeprefix(self._prefix), item["size"])
            for item in found
            if item["path"].startswith(self._prefix) and item["path"] != self._prefix
        ]

    def remove(self, name: str) -> None:
        """Remove an object."""
        with self._translated():
            try:
                obstore.delete(self._store, self._prefix + name)
            except FileNotFoundError:
                return

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (BaseError, FileNotFoundError, OSError, ValueError) as error:
            raise failed(self.name, _reason(str(error)), secrets=self._secrets) from None


class _Counted:
    """A file that tells how much of it was read."""

    def __init__(self, file: Any, moved: Moved) -> None:
        self._file, self._moved = file, moved
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._file.read(size)
        self._moved(len(data))
        return data


def _may_be_plain(name: str, endpoint: str, settings: Mapping[str, Any]) -> bool:
    """Return whether http is right: to this machine, or where the configuration says so."""
    parts = urlsplit(endpoint)
    if parts.scheme in ("", "https"):
        return False
    if parts.scheme == "http" and (settings.get("allow_http") or _loopback(parts.hostname or "")):
        return True
    raise ArchiveError(
        f"The remote '{name}' would be used without TLS: {parts.scheme}://{parts.hostname}.",
        code="bad_job",
        hint="Use https. Plain http is for this machine's loopback, or with allow_http for a network that is trusted.",
    )


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _reason(text: str) -> str:
    """Return what a store said, out of the library's report of many lines."""
    said = re.search(r"<Code>(.*?)</Code>\s*<Message>(.*?)</Message>", text, re.DOTALL)
    if said:
        return f"{said[1]}: {said[2]}"
    first = text.split("\n\n", 1)[0]
    status = re.search(r"non-2xx status code: (\d{3}[^:\n]*)", first)
    return f"it answered {status[1].strip()}." if status else first
