"""Fresh machines for tests: a bare Debian in a container, able to run a Docker engine of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Self

CA_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")

PRIVILEGES = (
    *("--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined"),
    *("--device-cgroup-rule", "a *:* rwm"),
    *("--cgroupns", "host", "--volume", "/sys/fs/cgroup:/sys/fs/cgroup:rw"),
)

# Not known to Docker 20.10.
NEW_CAPABILITIES = {"perfmon", "bpf", "checkpoint_restore"}

RESOLV_CONF = Path("/etc/resolv.conf")

PASSED_ON = ("PIP_INDEX_URL", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


@dataclass(frozen=True, slots=True)
class Result:
    """What a command did on the machine."""

    argv: tuple[str, ...]
    exit_code: int
    output: str
    """Standard output and error, as a person at the terminal would have seen them."""
    seconds: float

    def check(self) -> Self:
        """Return this result if the command succeeded; fail with everything it said otherwise."""
        if self.exit_code:
            raise AssertionError(f"{' '.join(self.argv)} ended with {self.exit_code}:\n{self.output}")
        return self


def machine_image(suite: str) -> str:
    """Return the image of a minimal Debian with nothing but git, making it first where there is none."""
    tag = f"llmchat-test/machine:{suite}"
    if subprocess.run(["docker", "image", "inspect", tag], check=False, capture_output=True).returncode == 0:
        return tag
    with subprocess.Popen(
        ["mmdebstrap", "--variant=minbase", "--include=git,ca-certificates", "--quiet", suite, "-"],
        stdout=subprocess.PIPE,
    ) as bootstrap:
        image = subprocess.run(
            ["docker", "import", "-"], stdin=bootstrap.stdout, check=True, capture_output=True, text=True
        ).stdout.strip()
    if bootstrap.returncode:
        raise AssertionError(f"mmdebstrap could not make {suite}")
    subprocess.run(["docker", "tag", image, tag], check=True)
    return tag


def capabilities() -> tuple[str, ...]:
    """Return the options that give a machine the capabilities that this one has.

    `--privileged` asks for all there are, and this machine may itself be a container without some of them.
    """
    said = subprocess.run(["setpriv", "--dump"], check=True, capture_output=True, text=True, env={"LC_ALL": "C"}).stdout
    names = re.search(r"^Capability bounding set: (\S+)$", said, re.MULTILINE)
    assert names, said
    given = sorted(set(names[1].split(",")) - NEW_CAPABILITIES)
    return ("--cap-drop", "ALL", *(f"--cap-add={name}" for name in given))


def daemon_json() -> str:
    """Return how the machine's own engine is set up.

    Docker gives all its networks addresses from the same ranges: the machine's must not hide those it lives in. And a
    machine on a network of Docker's asks a name server on its own loopback, which its containers can't.
    """
    lines = RESOLV_CONF.read_text().splitlines()
    servers = [line.split()[1] for line in lines if line.startswith("nameserver ") and " 127." not in line]
    settings = {
        "bip": "10.213.0.1/24",
        "default-address-pools": [{"base": "10.214.0.0/16", "size": 24}],
        **({"dns": servers} if servers else {}),
    }
    return json.dumps(settings) + "\n"


class Machine:
    """A running fresh machine. Use it as a context manager: it takes everything of it away at the end."""

    def __init__(self, suite: str, *, source: Path) -> None:
        """Start a machine of the Debian release `suite` that sees the repository `source`, read-only, at /source."""
        self.suite = suite
        self._name = f"llmchat-test-machine-{suite}-{uuid.uuid4().hex[:8]}"
        try:
            # Not Docker's default bridge: a second engine on the host, as other tests start one, may take that away.
            _docker("network", "create", self._name)
            _docker(
                "run", "--detach", "--init", "--name", self._name, "--hostname", f"fresh-{suite}",
                "--network", self._name, *capabilities(), *PRIVILEGES,
                # The engine's images and layers: overlay does not work on top of the container's own overlay.
                "--volume", f"{self._name}:/var/lib/docker",
                "--volume", f"{source}:/source:ro",
                machine_image(suite), "sleep", "infinity",
            )  # fmt: skip
            self.run(("mount", "-o", "remount,rw", "/proc/sys")).check()
            self.run(("mount", "-o", "remount,rw", "/sys")).check()
            # As on any machine: Docker gives ::1 only to containers whose network has IPv6.
            self.run(("sh", "-c", "echo 0 >/proc/sys/net/ipv6/conf/lo/disable_ipv6"))
            self.write("/etc/docker/daemon.json", daemon_json().encode())
            if CA_BUNDLE.exists():
                self.write(str(CA_BUNDLE), CA_BUNDLE.read_bytes())
        except BaseException:
            self.close()
            raise

    def run(
        self,
        argv: tuple[str, ...],
        *,
        folder: str = "/root",
        stdin: bytes = b"",
        timeout: float = 900,
        show: bool = False,
    ) -> Result:
        """Run `argv` as root and return what it did; with `show` also print each line as it comes, with its time."""
        options = [option for name in PASSED_ON if name in os.environ for option in ("--env", name)]
        start = monotonic()
        # `timeout` inside: killing the local `docker exec` would leave the command running there.
        command = ["docker", "exec", "-i", "--workdir", folder, *options, self._name, "timeout", str(timeout), *argv]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(stdin)
            process.stdin.close()
            lines = []
            for raw in process.stdout:
                line = raw.decode(errors="replace")
                lines.append(line)
                if show:
                    sys.stdout.write(f"[{self.suite} {monotonic() - start:6.1f} s] {line}")
                    sys.stdout.flush()
        return Result(argv, process.returncode, "".join(lines), monotonic() - start)

    def write(self, path: str, content: bytes) -> None:
        """Write a file of root's, making its folder."""
        script = 'mkdir -p "$(dirname "$1")" && cat >"$1"'
        self.run(("sh", "-c", script, "write", path), stdin=content).check()

    def copy(self, source: Path, path: str) -> None:
        """Copy a file or a folder of this machine there."""
        _docker("cp", str(source), f"{self._name}:{path}")

    def close(self) -> None:
        """Stop the machine and remove it with its volume."""
        _docker("rm", "--force", self._name)
        _docker("volume", "rm", "--force", self._name)
        subprocess.run(["docker", "network", "rm", self._name], check=False, capture_output=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _docker(*arguments: str) -> str:
    result = subprocess.run(["docker", *arguments], check=False, capture_output=True, text=True)
    if result.returncode:
        raise AssertionError(f"docker {arguments[0]}: {result.stderr.strip()}")
    return result.stdout
