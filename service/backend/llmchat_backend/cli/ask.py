"""Ask the running service by its own address. Standard library only: the health command imports it."""

from __future__ import annotations

import os
import socket

from llmchat_backend.listen import DEFAULT_LISTEN, UnixAddress, parse_listen

_TIMEOUT_SECONDS = 5
_REQUEST = "GET {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
_MAX_ANSWER = 16 * 1024 * 1024
_PIECE = 65536
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to knock, not where to listen


def ask(path: str) -> tuple[str, str]:
    """Return status and body; raise OSError where nobody answers."""
    with _connect(os.environ.get("LISTEN") or DEFAULT_LISTEN) as connection:
        connection.sendall(_REQUEST.format(path).encode())
        answer = bytearray()
        while len(answer) < _MAX_ANSWER and (chunk := connection.recv(_PIECE)):
            answer += chunk
    head, _, body = answer.decode(errors="replace").partition("\r\n\r\n")
    return "".join(head.split(maxsplit=2)[1:2]), body


def _connect(listen: str) -> socket.socket:
    address = parse_listen(listen)
    if isinstance(address, UnixAddress):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(_TIMEOUT_SECONDS)
        try:
            connection.connect(address.path)
        except OSError:
            connection.close()
            raise
        return connection
    host = _EVERYWHERE.get(address.host, address.host)
    return socket.create_connection((host, address.port), _TIMEOUT_SECONDS)
