"""Real servers of this machine: OpenSSH's, and an object store that speaks S3. Loopback only."""

from __future__ import annotations

import getpass
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

LOOPBACK = "127.0.0.1"
PATIENCE = 60.0
ACCESS_KEY, SECRET_KEY = "AKIATESTTESTTEST", "not-a-secret-of-anybody"


class Peer:
    """A process that is started, waited for, and ended by its own id."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.log = folder / "log"
        self._process: subprocess.Popen[bytes]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(0.5)  # the object store takes ten seconds to say goodbye
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def start(self, argv: tuple[str, ...], ready: Callable[[], bool]) -> None:
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder)
        until = time.monotonic() + PATIENCE
        while not ready():
            if self._process.poll() is not None or time.monotonic() > until:
                self._process.kill()
                raise RuntimeError(f"{argv[0]} did not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.05)


class SshServer(Peer):
    """OpenSSH's server with keys of its own; who it lets in, it lets into ``folder/files`` by SFTP only.

    ``address`` is one of this machine's own: loopback, or a bridge's for clients in containers.
    """

    def __init__(self, folder: Path, address: str = LOOPBACK) -> None:
        super().__init__(folder)
        self.address = address
        self.port = free_ports(1)[0]
        self.files = folder / "files"
        self.files.mkdir()
        self.host_key = self._key("host")
        (folder / "authorized").write_text(self._key("client"))
        self.private_key = (folder / "client").read_text()

    def __enter__(self) -> Self:
        config = self.folder / "config"
        config.write_text(
            f"""
            ListenAddress {self.address}:{self.port}
            HostKey {self.folder}/host
            AuthorizedKeysFile {self.folder}/authorized
            PidFile none
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            PermitRootLogin prohibit-password
            Subsystem sftp internal-sftp
            ForceCommand internal-sftp -d {self.files}
            """
        )
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        assert sshd, "openssh-server is not installed"
        self.start((sshd, "-D", "-e", "-f", str(config)), lambda: answers(self.port, self.address))
        return self

    def settings(self) -> dict[str, object]:
        return {
            "kind": "sftp",
            "host": self.address,
            "port": self.port,
            "user": getpass.getuser(),
            "path": str(self.files / "backups" / "chat"),
            "host_key": self.host_key,
            "private_key": self.private_key,
        }

    def _key(self, name: str) -> str:
        path = self.folder / name
        subprocess.run(("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)), check=True)
        return " ".join(path.with_suffix(".pub").read_text().split()[:2])


class S3Server(Peer):
    """SeaweedFS: it checks signatures, has multipart uploads, and keeps what it takes on the disk."""

    bucket = "backups"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.port, *self._others = free_ports(8)

    def __enter__(self) -> Self:
        (self.folder / "s3.json").write_text(
            json.dumps(
                {
                    "identities": [
                        {
                            "name": "test",
                            "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
                            "actions": ["Admin", "Read", "Write", "List"],
                        }
                    ]
                }
            )
        )
        names = ("s3.port.grpc", "master.port", "master.port.grpc", "volume.port", "volume.port.grpc")
        ports = dict(zip((*names, "filer.port", "filer.port.grpc"), self._others, strict=True))
        self.start(
            (
                str(Path(sys.executable).with_name("weed")),
                "server",
                *("-dir=.", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false"),
                *("-master.volumeSizeLimitMB=64", "-volume.max=16", "-volume.preStopSeconds=0"),
                *("-filer=true", "-filer.localSocket=./f", "-s3", f"-s3.port={self.port}", "-s3.config=./s3.json"),
                *("-s3.localSocket=./s", "-s3.port.iceberg=0", "-s3.port.lance=0"),
                *(f"-{name}={port}" for name, port in ports.items()),
            ),
            self._ready,
        )
        return self

    def settings(self) -> dict[str, object]:
        return {
            "kind": "s3",
            "endpoint": f"http://127.0.0.1:{self.port}",
            "region": "us-east-1",
            "bucket": self.bucket,
            "prefix": "chat/production",
            "access_key": ACCESS_KEY,
            "secret_key": SECRET_KEY,
        }

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False


def answers(port: int, address: str = LOOPBACK) -> bool:
    try:
        with socket.create_connection((address, port), timeout=5) as link:
            link.settimeout(5)
            return bool(link.recv(4))
    except OSError:
        return False


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports
