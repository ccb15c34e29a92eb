"""An authority that issues certificates by ACME: Debian's pebble, with the name server it asks."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from pathlib import Path
from typing import Protocol, Self

from llmchat_deploy.host.authority import new_authority, sign
from tests.contract.peers import LOOPBACK, Peer
from tests.e2e.scenario import free_port


def answers(address: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=1):
        return True
    return False


class NameServer(Peer):
    """Says of every name that it is this machine; what it says of TXT records is set by HTTP, at ``api``."""

    def __init__(self, folder: Path, address: str = LOOPBACK) -> None:
        super().__init__(folder)
        self.port, management = free_port(), free_port()
        self.where, self.api = f"{LOOPBACK}:{self.port}", f"http://{address}:{management}"
        argv = ("pebble-challtestsrv", "-dns01", self.where, "-management", f"{address}:{management}")
        argv += ("-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv4", LOOPBACK, "-defaultIPv6", "")
        self.start(argv, lambda: answers(LOOPBACK, self.port))

    def __enter__(self) -> Self:
        return self


class Names(Protocol):
    """A name server that the authority asks."""

    where: str
    """Its address and port."""


class Pebble(Peer):
    """The authority; it asks for proofs at ``http_port`` of this machine, and is reached from containers.

    ``address`` is one of this machine's own that containers reach; ``certificate`` is what to trust it by (PEM file).
    """

    def __init__(self, folder: Path, address: str, names: Names, *, http_port: int) -> None:
        super().__init__(folder)
        port, management = free_port(), free_port()
        now = time.time()
        ca = new_authority("A test's authority", now)
        own = sign(ca, (address, LOOPBACK), now)
        self.certificate = folder / "ca.pem"
        self.certificate.write_text(ca.certificate)
        (folder / "own.pem").write_text(own.certificate)
        (folder / "own.key").write_text(own.key.reveal())
        settings = {
            "listenAddress": f"{address}:{port}",
            "managementListenAddress": f"{LOOPBACK}:{management}",
            "certificate": str(folder / "own.pem"),
            "privateKey": str(folder / "own.key"),
            "httpPort": http_port,
            "tlsPort": free_port(),
        }
        (folder / "config.json").write_text(json.dumps({"pebble": settings}))
        self.directory = f"https://{address}:{port}/dir"
        # Without these, pebble waits, refuses and believes earlier proofs at random, to harden clients.
        calm = ("env", "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0", "PEBBLE_AUTHZREUSE=0")
        argv = (*calm, "pebble", "-config", str(folder / "config.json"), "-dnsserver", names.where)
        self.start(argv, lambda: answers(address, port))

    def __enter__(self) -> Self:
        return self
