"""A real name server with a zone that may be changed by who has its key (RFC 2136, RFC 8945): Debian's BIND."""

from __future__ import annotations

import base64
import os
import re
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Self

from tests.contract.peers import Peer

ALGORITHM = "hmac-sha256"


class NameServer(Peer):
    """Serves ``name`` at ``address``; the key ``acme`` may change it. What was changed stands in ``log``.

    The proof of ``sent.NAME`` is looked for at ``elsewhere.NAME``.
    """

    def __init__(self, folder: Path, address: str, name: str, *, port: int) -> None:
        super().__init__(folder)
        self.address, self.name, self.port = address, name, port
        self.secret = base64.b64encode(os.urandom(32)).decode()
        self.where = f"{address}:{port}"
        key = f'key "acme" {{ algorithm {ALGORITHM}; secret "{self.secret}"; }};\n'
        (folder / "key").write_text(key)
        (folder / "key").chmod(0o600)
        (folder / "zone").write_text(
            f"$TTL 60\n@ SOA ns it 1 60 60 3600 60\n@ NS ns\nns A {address}\nchat A {address}\n"
            "_acme-challenge.sent CNAME elsewhere\n"
        )
        named = shutil.which("named", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        assert named, "bind9 is not installed"
        (folder / "named.conf").write_text(
            f'include "{folder}/key";\n'
            f'options {{ directory "{folder}"; listen-on port {port} {{ {address}; }}; listen-on-v6 {{ none; }};'
            f" pid-file none; session-keyfile none; {_lock_file(named)}recursion no; dnssec-validation no; }};\n"
            f"controls {{ }};\nlogging {{ category update {{ default_stderr; }}; }};\n"
            f'zone "{name}" {{ type primary; file "{folder}/zone"; allow-update {{ key acme; }}; }};\n'
        )
        # A copy: where AppArmor is at work, Debian's profile keeps the program of that path out of every other folder.
        own = shutil.copy2(named, folder / "named")
        self.start((str(own), "-g", "-c", str(folder / "named.conf")), self._answers)

    def __enter__(self) -> Self:
        return self

    def change(self, line: str) -> None:
        """Carry out a line of nsupdate."""
        script = f"server {self.address} {self.port}\nzone {self.name}\n{line}\nsend\n"
        argv = ("nsupdate", "-k", str(self.folder / "key"))
        subprocess.run(argv, input=script, text=True, check=True, capture_output=True)

    def text(self, name: str) -> str:
        """Return the TXT records of a name."""
        argv = ("dig", "+short", "-p", str(self.port), f"@{self.address}", name, "TXT")
        return subprocess.run(argv, text=True, check=True, capture_output=True).stdout.strip()

    def added(self, name: str) -> int:
        """Return how often a TXT record of a name was added."""
        return self.log.read_text().count(f"adding an RR at '{name}' TXT")

    def _answers(self) -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.settimeout(1)
            return probe.connect_ex((self.address, self.port)) == 0


def _lock_file(named: str) -> str:
    """Return what lets BIND run beside another one: from 9.20 on, it locks nothing and refuses the option."""
    said = subprocess.run((named, "-V"), text=True, check=True, capture_output=True).stdout
    found = re.match(r"BIND (\d+)\.(\d+)", said)
    assert found, said
    return "lock-file none; " if (int(found[1]), int(found[2])) < (9, 20) else ""
