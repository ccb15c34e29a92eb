"""Who listens on a port of this machine."""

from __future__ import annotations

import errno
import socket
from ipaddress import ip_address

from llmchat_deploy.errors import PrerequisiteError


def holder(bind: str, port: int) -> str | None:
    """Name the process that keeps ``bind:port`` from being used, or return None where it is free.

    Other users' processes can be named by root only; then the answer says just that. Raises PrerequisiteError where
    this machine has no such address.
    """
    if _is_free(bind, port):
        return None
    import psutil  # noqa: PLC0415 - needed only where a port is taken

    for connection in psutil.net_connections(kind="tcp"):
        listens = connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port
        if not listens or connection.pid is None:
            continue
        try:
            return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
        except psutil.Error:
            continue
    return "another program"


def _is_free(bind: str, port: int) -> bool:
    family = socket.AF_INET6 if ip_address(bind).version == 6 else socket.AF_INET  # noqa: PLR2004 - IPv6
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((bind, port))
    except OSError as error:
        if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
            raise PrerequisiteError(
                f"This machine has no address {bind} to listen on (HOST, server.bind).",
                hint="ip -brief address shows those it has; 0.0.0.0 stands for all of them.",
            ) from error
        return error.errno not in (errno.EADDRINUSE, errno.EACCES)
    return True
