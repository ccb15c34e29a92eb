"""One environment of a test: its own folder, name, ports and state; the command line as a person runs it."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import uuid
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Self

from tests.e2e import facts
from tests.e2e.chat import Chat
from tests.paths import PYTHONPATH, REPOSITORY

ARTIFACTS = REPOSITORY / "tests/artifacts"
TOOL = (sys.executable, "-m", "llmchat_deploy")
UP_TIMEOUT = 420
"""Seconds: a first `up` of a test run builds every image."""


@dataclass(frozen=True)
class Ran:
    """What one run of the command line left behind."""

    argv: tuple[str, ...]
    exit_code: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def output(self) -> str:
        return self.stdout + self.stderr

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def data(self) -> Any:
        return self.json["data"]

    def check(self, exit_code: int = 0) -> Self:
        """Return itself, or fail the test with everything that was said."""
        said = f"$ llmchat-deploy {' '.join(self.argv)}\n{self.output}\nexit code {self.exit_code}"
        assert self.exit_code == exit_code, said
        assert "This is a bug in llmchat-deploy" not in self.output, said
        return self


class Scenario:
    """An environment under test. Use as a context manager: it removes everything it made."""

    def __init__(self, folder: Path, *, label: str = "e2e") -> None:
        self.name = f"{label}-{uuid.uuid4().hex[:6]}"
        self.project = f"llmchat-{self.name}"
        self.folder = folder / self.name
        self.state = self.folder / "state"
        self.web_port, self.api_port = free_port(), free_port()
        self.http_port, self.https_port, self.metrics_port = free_port(), free_port(), free_port()
        self.variables: dict[str, str] = {}
        """Added to the process environment of the command line."""
        self.prefix: tuple[str, ...] = ()
        """Put before the command line, such as `nsenter`."""
        self.runs: list[Ran] = []
        self.started: list[subprocess.Popen[str]] = []
        (self.folder / "environments").mkdir(parents=True)

    def profile(self, text: str = "", *, bundled: bool = False, development: bool = True, titles: bool = False) -> Self:
        """Write the profile: ports of its own, this machine only; `text` is appended."""
        policy = "generate_secrets = true\nplaceholders_allowed = true\n" if development else ""
        ports = f'[server]\nbind = "127.0.0.1"\nweb_port = {self.web_port}\napi_port = {self.api_port}\n'
        ports += f"http_port = {self.http_port}\nhttps_port = {self.https_port}\nmetrics_port = {self.metrics_port}\n"
        limits = "[limits]\nmessages_per_minute = 0\nstreams = 0\n"  # one user of a test asks for many people
        # A title comes when it comes, and what a test has seen would change under it.
        models = f"[models]\ntitles = {str(titles).lower()}\nbundled = {str(bundled).lower()}\n"
        path = self.folder / "environments" / f"{self.name}.toml"
        path.write_text(f"{policy}{ports}{limits}{models}{text}")
        return self

    def env_file(self, **values: str) -> Self:
        """Write `.env.NAME` with each value in single quotes, which keep it as it is.

        A SECRET_KEY that the tool put there stays: it belongs to what was deployed with it.
        """
        path = self.folder / f".env.{self.name}"
        before = path.read_text().splitlines(keepends=True) if path.exists() else []
        kept = [line for line in before if line.startswith("SECRET_KEY=") and "SECRET_KEY" not in values]
        quoted = {name: value.replace("\\", "\\\\").replace("'", "\\'") for name, value in values.items()}
        lines = [f"{name}='{value}'\n" for name, value in quoted.items()]
        return self.env_text("".join((*kept, *lines)))

    def env_text(self, text: str) -> Self:
        """Write `.env.NAME` just so."""
        path = self.folder / f".env.{self.name}"
        path.write_text(text)
        path.chmod(0o600)
        return self

    def stand_in_for(self, other: Scenario) -> None:
        """Take name and ports of an environment that is gone, in an empty project folder."""
        self.name, self.project = other.name, other.project
        self.web_port, self.api_port, self.metrics_port = other.web_port, other.api_port, other.metrics_port

    def own_sources(self) -> Path:
        """Give the project folder its own copy of the service's sources, and return it."""
        target = self.folder / "service"
        skipped = shutil.ignore_patterns("node_modules", ".next", "__pycache__", ".mypy_cache", ".ruff_cache", "tests")
        shutil.copytree(REPOSITORY / "service", target, ignore=skipped)
        return target

    def start(self, *argv: str) -> subprocess.Popen[str]:
        """Start the command line and return the running process, in a process group of its own."""
        process = subprocess.Popen(
            (*self.prefix, *TOOL, "--env", self.name, *argv),
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def run(self, *argv: str, stdin: str = "", timeout: float = UP_TIMEOUT) -> Ran:
        """Run the command line to its end."""
        begun = monotonic()
        done = subprocess.run(
            (*self.prefix, *TOOL, "--env", self.name, *argv),
            cwd=self.folder,
            env=self.environ,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        ran = Ran(argv, done.returncode, done.stdout, done.stderr, monotonic() - begun)
        self.runs.append(ran)
        return ran

    def up(self, *argv: str, exit_code: int = 0) -> Ran:
        """Run `up` and expect the exit code."""
        return self.run("up", "--yes", *argv).check(exit_code)

    @property
    def environ(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": PYTHONPATH, "LLMCHAT_STATE_DIR": str(self.state), **self.variables}

    @property
    def chat(self) -> Chat:
        """A client of the API, on the way a browser takes: through the edge's page port."""
        return Chat(self.web_port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    def save_artifacts(self, test: str) -> None:
        """Keep what helps to understand a failure: what was run and said, and every container's log."""
        folder = ARTIFACTS / re.sub(r"[^\w.-]+", "_", test)[:100] / self.name
        folder.mkdir(parents=True, exist_ok=True)
        for index, ran in enumerate(self.runs):
            text = (
                f"$ llmchat-deploy {' '.join(ran.argv)}\n{ran.output}\nexit code {ran.exit_code}, {ran.seconds:.1f} s\n"
            )
            (folder / f"{index:02}-{ran.argv[0]}.txt").write_text(text)
        for container in facts.containers(self.project):
            (folder / f"{container.name}.log").write_bytes(container.logs(tail=400))

    def kill_started(self) -> None:
        """Kill what `start` began and nobody ended."""
        for process in self.started:
            if process.poll() is None:
                kill(process)

    def close(self) -> None:
        """End what a failed test left running, then remove everything that carries the project's label."""
        self.kill_started()
        facts.remove_project(self.project)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def free_port() -> int:
    """Return a port that nobody listens on, below the range that outgoing connections use."""
    while True:
        port = random.randint(20000, 32000)  # noqa: S311 - no secret
        with closing(socket.socket()) as probe:
            try:
                probe.bind(("0.0.0.0", port))  # noqa: S104 - for a moment, to see whether it is free
            except OSError:
                continue
            return port


def kill(process: subprocess.Popen[str]) -> None:
    """Kill the tool alone, as the kernel would; what it had started may live on for a moment."""
    process.send_signal(signal.SIGKILL)
    process.wait()
