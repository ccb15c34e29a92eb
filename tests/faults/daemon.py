"""A Docker engine of the test's own, beside the machine's: to fill its disk, to take its images, to kill it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

READY = 60
"""Seconds an engine may take to answer."""

HOLD_NETWORK = """
import fcntl, signal, socket, struct
SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1
with socket.socket() as any_socket:
    fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", IFF_UP))
print(flush=True)
signal.pause()
"""
"""Raise the loopback interface, say so, and stay: the `ip` command is not on every machine."""


_CLONE_NEWNET = 0x40000000
_setns = ctypes.CDLL(None, use_errno=True).setns


def _enter(network: int) -> None:
    if _setns(network, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


class Daemon:
    """A `dockerd` with a socket, a disk and a network namespace of its own: two on one firewall would not agree.

    Nothing outside is reached from that network. What publishes or asks a port there runs with `prefix`.
    """

    def __init__(self, folder: Path) -> None:
        # A short path: the name of a Unix socket has 107 bytes at most.
        self.folder = folder
        self.data = folder / "data"
        self.host = f"unix://{folder}/docker.sock"
        self.log = folder / "dockerd.log"
        self._process: subprocess.Popen[bytes] | None = None
        # Holds the network, which outlives the engine as a machine's does.
        network = ["unshare", "--net", sys.executable, "-c", HOLD_NETWORK]
        self._network = subprocess.Popen(network, stdout=subprocess.PIPE, start_new_session=True)
        assert self._network.stdout is not None
        self._network.stdout.readline()

    @property
    def prefix(self) -> tuple[str, ...]:
        return ("nsenter", f"--net=/proc/{self._network.pid}/ns/net")

    @contextlib.contextmanager
    def network(self) -> Iterator[None]:
        """Be in that network: sockets and threads that are made meanwhile stay there."""
        with Path("/proc/thread-self/ns/net").open() as before, Path(f"/proc/{self._network.pid}/ns/net").open() as own:
            _enter(own.fileno())
            try:
                yield
            finally:
                _enter(before.fileno())

    @property
    def variables(self) -> dict[str, str]:
        return {"DOCKER_HOST": self.host}

    def start(self) -> Self:
        """Start the engine and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        argv = [
            *self.prefix, "dockerd", "--host", self.host,
            "--data-root", str(self.data), "--exec-root", f"{self.folder}/exec",
            "--pidfile", f"{self.folder}/pid",
            # Where the distribution runs one containerd for all, names must not meet.
            "--containerd-namespace", f"test-{os.getpid()}", "--containerd-plugins-namespace", f"test-p-{os.getpid()}",
        ]  # fmt: skip
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(argv, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + READY
        while self.docker("version", check=False).returncode:
            assert self._process.poll() is None, self.log.read_text()[-3000:]
            assert time.monotonic() < deadline, self.log.read_text()[-3000:]
            time.sleep(0.2)
        return self

    def docker(self, *argv: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        environ = {**os.environ, **self.variables}
        return subprocess.run(["docker", *argv], env=environ, capture_output=True, text=True, check=check)

    def copy_images(self, *images: str) -> None:
        """Take images over from the machine's engine."""
        with subprocess.Popen(["docker", "save", *images], stdout=subprocess.PIPE) as saving:
            environ = {**os.environ, **self.variables}
            subprocess.run(["docker", "load"], stdin=saving.stdout, env=environ, check=True, capture_output=True)

    def kill(self) -> None:
        """Kill the engine as the kernel would; its containers go on without it."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        # Its containerd ends with it, but where nobody reaps orphans its number stays taken.
        for stale in ("pid", "exec/containerd/containerd.pid"):
            (self.folder / stale).unlink(missing_ok=True)

    def restart(self) -> None:
        """Restart the engine as a service manager does: it stops its containers, and starts them again."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait(timeout=60)
        self.start()

    def stop(self) -> None:
        """Remove its containers and end it."""
        if self._process is None:
            return
        if self._process.poll() is not None:
            self.start()  # only an engine can end the containers that outlived it
        found = self.docker("ps", "--all", "--quiet", check=False).stdout.split()
        if found:
            self.docker("rm", "--force", *found, check=False)
        for name in self.docker("network", "ls", "--quiet", "--filter", "type=custom", check=False).stdout.split():
            self.docker("network", "rm", name, check=False)
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=30)
        if self._process.poll() is None:
            self.kill()
        self._process = None
        for mounted in reversed([line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]):
            if mounted.startswith(f"{self.folder}/"):
                subprocess.run(["umount", "--lazy", mounted], check=False, capture_output=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        try:
            self.stop()
        finally:
            self._network.kill()
            self._network.wait()
