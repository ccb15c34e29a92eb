"""Who listens on a port of this machine."""

from __future__ import annotations

import errno
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

from llmchat_deploy.errors import PrerequisiteError

SPARE = "127.83.7.11"
"""A loopback address that nobody has a reason to use: only who listens everywhere listens here."""


def holder(bind: str, port: int, besides: frozenset[str] = frozenset()) -> str | None:
    """Name the process that keeps ``bind:port`` from being used, or return None where it is free.

    What listens on one of the addresses ``besides`` doesn't count. Other users' processes can be named by root only;
    then the answer says just that. Raises PrerequisiteError where this machine has no such address.
    """
    if _is_free(bind, port):
        return None
    import psutil  # noqa: PLC0415 - needed only where a port is taken

    found = False
    for connection in psutil.net_connections(kind="tcp"):
        there = connection.laddr
        if connection.status != psutil.CONN_LISTEN or not there or there.port != port:
            continue
        if there.ip in besides or not _overlap(there.ip, bind, port, besides):
            continue
        found = True
        if connection.pid is None:
            continue
        try:
            return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
        except psutil.Error:
            continue
    return "another program" if found or not besides else None


def listening_on(port: int) -> tuple[str, ...]:
    """Return the addresses at which somebody listens on a port of this machine, sorted; none where nobody may look."""
    import psutil  # noqa: PLC0415 - needed only where a model server doesn't answer

    try:
        connections = psutil.net_connections(kind="tcp")
    except (psutil.Error, OSError):
        return ()
    listening = (each.laddr for each in connections if each.status == psutil.CONN_LISTEN and each.laddr)
    return tuple(sorted({str(_plain(there.ip)) for there in listening if there.port == port}))


def _plain(address: str) -> IPv4Address | IPv6Address:
    """Return an address without its zone, and an IPv4 one that is written as IPv6 as what it is."""
    there = ip_address(address.partition("%")[0])
    return getattr(there, "ipv4_mapped", None) or there


def _overlap(address: str, bind: str, port: int, besides: frozenset[str]) -> bool:
    """Say whether one who listens on ``address`` keeps another from listening on ``bind``."""
    there, wanted = _plain(address), ip_address(bind)
    if there.version == wanted.version:
        return there == wanted or there.is_unspecified or wanted.is_unspecified
    if wanted.is_unspecified:
        return wanted.version == 6  # noqa: PLR2004 - IPv6, which may take the older addresses too
    # "::" may take the older addresses too, or not; the list doesn't say which.
    return there.is_unspecified and not besides & {"0.0.0.0"} and not _is_free(SPARE, port)  # noqa: S104 - compared


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


def addresses_of(name: str) -> tuple[str, ...]:
    """Return the IP addresses of a host name, or the address itself; none where it doesn't resolve."""
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def has_address(address: str) -> bool:
    """Whether an IP address is one of this machine's own: only to those can a socket be bound."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as there:
            there.bind((address, 0))
    except OSError:
        return False
    return True
