"""The service of this image, on a data folder of a job's own: it knows its schema, jobs on backups don't.

Only programs and the protocol of their files and sockets are used; nothing of the service is imported.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from llmchat_archive.errors import ArchiveError

PROGRAM = ("llmchat-backend",)
COMMAND_SECONDS = 600
"""A migration of a large database is what takes longest."""
READY_SECONDS = 120
REQUEST_SECONDS = 30
STOP_SECONDS = 20
SHOWN_LINES = 5
MAX_ANSWER = 1024**2


class Service:
    """The service, told to use ``data``; its throwaway keys, socket and log are in ``work``."""

    def __init__(self, data: Path, work: Path, *, code: str = "drill_failed") -> None:
        self._code = code
        self._keys, self._log = work / "keys", work / "log"
        self._socket = work / "s"  # short: the path of a socket may have 107 bytes
        self._keys.mkdir(mode=0o700, exist_ok=True)
        (self._keys / "SECRET_KEY").write_text(secrets.token_hex(32), encoding="ascii")
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH", "LANG")}
        self._environment = kept | {
            "LISTEN": f"unix:{self._socket}",
            "DATA_DIR": str(data),
            "SECRETS_DIR": str(self._keys),
            "INSTANCE": "drill",
            "RELEASE": "drill",
            # Somewhere that nobody answers: a job asks no model anything.
            "LLM_API_URL": "http://127.0.0.1:9/v1/chat/completions",
            "LLM_MODEL": "none",
        }

    def command(self, *arguments: str, stdin: bytes = b"") -> dict[str, Any]:
        """Run one command and return the JSON object it prints; raises ArchiveError of the given code."""
        try:
            done = subprocess.run(
                (*PROGRAM, *arguments),
                input=stdin,
                env=self._environment,
                capture_output=True,
                timeout=COMMAND_SECONDS,
                check=False,
            )
            answer = json.loads(done.stdout) if done.returncode == 0 else None
        except subprocess.TimeoutExpired:
            raise self._failed(f"'{' '.join(arguments)}' took longer than {COMMAND_SECONDS} seconds.") from None
        except OSError as error:
            raise self._failed(f"{PROGRAM[0]} can't be started: {error.strerror}.") from error
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            said = (done.stdout + done.stderr).decode(errors="replace").strip().splitlines()[-SHOWN_LINES:]
            raise self._failed(f"'{' '.join(arguments)}' ended with exit status {done.returncode}: {' | '.join(said)}")
        return answer

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve for the length of the block; raises ArchiveError of the given code unless it gets ready in time."""
        with self._log.open("wb") as log:
            process = subprocess.Popen(
                (*PROGRAM, "serve"), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment
            )
        try:
            self._wait_until_ready(process)
            yield
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, token: str = "") -> tuple[int, Any]:
        """Send a request; return the status and the JSON that was answered, None where it is none."""
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        with closing(_UnixConnection(self._socket)) as connection:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            response = connection.getresponse()
            text = response.read(MAX_ANSWER)
        try:
            return response.status, json.loads(text)
        except ValueError:
            return response.status, None

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        end = monotonic() + READY_SECONDS
        told: Any = "no answer"
        while process.poll() is None and monotonic() < end:
            try:
                status, told = self.ask("GET", "/health/ready")
            except (OSError, http.client.HTTPException):
                status = 0
            if status == http.HTTPStatus.OK:
                return
            sleep(0.1)
        said = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-SHOWN_LINES:]
        raise self._failed(f"The service doesn't get ready ({json.dumps(told)}): {' | '.join(said)}")

    def _failed(self, message: str) -> ArchiveError:
        return ArchiveError(message, code=self._code)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("drill", timeout=REQUEST_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(REQUEST_SECONDS)
        self.sock.connect(str(self._path))
