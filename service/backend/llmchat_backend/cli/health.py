"""The container's health check. Standard library only."""

from __future__ import annotations

import os
import socket
import sys
from typing import TYPE_CHECKING

from llmchat_backend.listen import DEFAULT_LISTEN, UnixAddress, parse_listen

if TYPE_CHECKING:
    import argparse

_TIMEOUT_SECONDS = 5
_REQUEST = b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
_MAX_ANSWER = 8192
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to knock, not where to listen


def run(_arguments: argparse.Namespace) -> int:
    """Return 0 when the service says that it is ready, else 1 after one line why."""
    try:
        status, body = _ask(os.environ.get("LISTEN") or DEFAULT_LISTEN)
    except OSError as error:
        sys.stdout.write(f"no answer: {error.strerror or error}\n")
        return 1
    if status == "200":
        return 0
    sys.stdout.write(f"not ready: HTTP {status or 'no status'} {body}\n")
    return 1


def _ask(listen: str) -> tuple[str, str]:
    address = parse_listen(listen)
    if isinstance(address, UnixAddress):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(_TIMEOUT_SECONDS)
        connection.connect(address.path)
    else:
        host = _EVERYWHERE.get(address.host, address.host)
        connection = socket.create_connection((host, address.port), _TIMEOUT_SECONDS)
    with connection:
        connection.sendall(_REQUEST)
        answer = b""
        while len(answer) < _MAX_ANSWER and (chunk := connection.recv(_MAX_ANSWER)):
            answer += chunk
    head, _, body = answer.decode(errors="replace").partition("\r\n\r\n")
    return "".join(head.split(maxsplit=2)[1:2]), " ".join(body.split())
