"""The address the service listens on, as `LISTEN` spells it. Standard library only: the health command imports it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from llmchat_backend.errors import ConfigurationError

DEFAULT_LISTEN = "unix:/run/slots/backend-a.sock"


@dataclass(frozen=True, slots=True)
class UnixAddress:
    """A socket file shared with the edge."""

    path: str


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """A host and port, for development by hand."""

    host: str
    port: int


@cache  # asked for with each request
def parse_listen(value: str) -> UnixAddress | TcpAddress:
    """Read `unix:/path` or `tcp:HOST:PORT`; raise ConfigurationError for anything else."""
    kind, _, rest = value.partition(":")
    if kind == "unix" and rest.startswith("/"):
        return UnixAddress(rest)
    host, _, port = rest.rpartition(":")
    if kind == "tcp" and host and port.isdecimal() and int(port) <= 65535:  # noqa: PLR2004 - the last port
        return TcpAddress(host.strip("[]"), int(port))
    raise ConfigurationError(f"LISTEN={value!r} is neither unix:/path nor tcp:HOST:PORT")
