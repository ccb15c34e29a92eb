"""A PostgreSQL of the tests' own: Debian's programs, an unprivileged account, a temporary folder, no network."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

ACCOUNT = "nobody"
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@dataclass
class Cluster:
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> Cluster:
        assert PROGRAMS, "apt-get install postgresql"
        if os.getuid() == 0:
            for path in (self.folder, *self.folder.parents[:2]):
                path.chmod(0o755)
            shutil.chown(self.folder, ACCOUNT)
        self.run(
            "initdb", "--pgdata", "data", "--auth", "trust", "--username", "chat", "--encoding", "UTF8", "--locale", "C"
        )
        options = {
            "fsync": "off",
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "300",
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("wb") as log:
            self.process = self.open("postgres", "-D", "data", *settings, output=log)
        self.run("pg_isready", "--host", str(self.folder), "--timeout", "20", tries=200)
        return self

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(20)

    def url(self, name: str) -> str:
        return f"postgresql://chat@/{name}?host={self.folder}"

    def create(self, name: str, template: str | None = None) -> None:
        """Make a database, like another one where that is named, unless there is one."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
                connection.execute(f"CREATE DATABASE {name} TEMPLATE {template or 'template0'}".encode())

    def open(self, program: str, *arguments: str, output: object = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        account = {"user": ACCOUNT, "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
        return subprocess.Popen(
            [PROGRAMS[-1] / program, *arguments], cwd=self.folder, stdout=output, stderr=subprocess.STDOUT,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"}, **account,
        )  # type: ignore[call-overload]  # fmt: skip

    def run(self, program: str, *arguments: str, tries: int = 1) -> None:
        for _ in range(tries):
            if self.open(program, *arguments).wait(60) == 0:
                return
            time.sleep(0.05)
        raise AssertionError(program)
