"""The backend as a real process: its own data folder, secrets and socket."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from client import Client
from llmchat_backend.clock import utc_now
from llmchat_backend.db.engine import open_database
from llmchat_backend.db.models import Message
from postgres import Cluster
from sqlalchemy import Executable, update

PACKAGE_ROOT = Path(__file__).parents[1]
SECRET_KEY = "only-for-tests-" * 3


@dataclass
class Backend:
    folder: Path
    model_url: str
    instance: str = "a"
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    cluster: ClassVar[Cluster | None] = None  # where the tests run on PostgreSQL
    real_hashes: bool = False
    """Let a password cost what it costs in earnest."""

    def __post_init__(self) -> None:
        for name in ("db", "slots", "secrets"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.write_secret("SECRET_KEY", SECRET_KEY)
        self.write_secret("LLM_API_KEY", "model-key")

    def write_secret(self, name: str, value: str) -> None:
        (self.folder / "secrets" / name).write_bytes(value.encode())

    @property
    def argv(self) -> tuple[str, ...]:
        if self.real_hashes:
            return (sys.executable, "-m", "llmchat_backend")
        return (sys.executable, str(Path(__file__).with_name("backend_with_cheap_hashes.py")))

    @property
    def socket_path(self) -> Path:
        return self.folder / "slots" / f"backend-{self.instance}.sock"

    @property
    def database_name(self) -> str:
        """The name of its PostgreSQL database: one for each data folder, as it is with files."""
        return "chat_" + hashlib.sha256(str(self.folder).encode()).hexdigest()[:16]

    @property
    def database(self) -> Path | str:
        """What `open_database` takes."""
        return self.cluster.url(self.database_name) if self.cluster else self.database_file

    @property
    def database_file(self) -> Path:
        return self.folder / "db" / "llmchat.db"

    def create_database(self, template: Backend | None = None) -> None:
        """Make it, like another one's where that is given, unless there is one."""
        if self.cluster:
            self.cluster.create(self.database_name, template.database_name if template else None)
        elif template and not self.database_file.exists():
            shutil.copy(template.database_file, self.database_file)

    def write(self, statement: Executable) -> None:
        """Change its database behind its back."""
        database = open_database(self.database)
        database.write_now(lambda session: session.execute(statement))
        database.close()

    def age_heartbeats(self, seconds: int) -> None:
        """Let time pass for its running answers."""
        at = utc_now() - timedelta(seconds=seconds)
        self.write(update(Message).where(Message.heartbeat_at.is_not(None)).values(heartbeat_at=at))

    @property
    def client(self) -> Client:
        return Client(str(self.socket_path))

    @property
    def log(self) -> str:
        return (self.folder / f"log-{self.instance}").read_text()

    def env(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(PACKAGE_ROOT),
            "LISTEN": f"unix:{self.socket_path}",
            "INSTANCE": self.instance,
            "RELEASE": "r1",
            "DATA_DIR": str(self.folder / "db"),
            "SECRETS_DIR": str(self.folder / "secrets"),
            "LLM_API_URL": self.model_url,
            "LLM_MODEL": "test-model",
            "LLM_LABEL": "Test model",
            **({"DATABASE_URL": str(self.database)} if self.cluster else {}),
            **self.environment,
        }

    def command(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.argv, *arguments],
            input=stdin,
            text=True,
            capture_output=True,
            env=self.env(),
            timeout=30,
            check=False,
        )

    def start(self) -> Backend:
        with (self.folder / f"log-{self.instance}").open("ab") as log:
            self.process = subprocess.Popen([*self.argv, "serve"], stdout=log, stderr=log, env=self.env())
        self.wait_until_live()
        return self

    def wait_until_live(self) -> None:
        deadline = time.monotonic() + 60
        while True:
            assert self.process is not None
            assert self.process.poll() is None, self.log
            try:
                if self.client.get("/health/live").status == 200:
                    return
            except OSError:
                pass
            assert time.monotonic() < deadline, self.log
            time.sleep(0.02)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(20)
