"""The library requests over a Unix socket, for what builds on it."""

from __future__ import annotations

import socket
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection


class _Connection(HTTPConnection):
    socket_path = ""

    def _new_conn(self) -> socket.socket:
        connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connected.settimeout(20)
        connected.connect(self.socket_path)
        return connected


class _Adapter(HTTPAdapter):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._pool = HTTPConnectionPool("unix")
        self._pool.ConnectionCls = type("Connection", (_Connection,), {"socket_path": str(path)})

    def get_connection_with_tls_context(self, *_args: object, **_more: object) -> HTTPConnectionPool:
        return self._pool

    def close(self) -> None:
        self._pool.close()


def session_to(path: Path) -> requests.Session:
    """Return a session whose every request goes to one socket."""
    session = requests.Session()
    session.mount("http://", _Adapter(path))
    session.trust_env = False
    return session
