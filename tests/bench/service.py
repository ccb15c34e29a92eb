"""What the service costs: time until it is ready, memory while nobody uses it, the size of its images.

    python tests/bench/service.py [--settle 20] [--markdown]

The backend's time is measured twice: of the process alone, a second one in its container, and of the container, from
``docker start`` until its health check succeeds. Both end when ``/health/ready`` answers 200; what the process needs
of the CPU holds on a busy machine too. Memory is the resident set of every process of backend, frontend and edge, read
from ``/proc``: what they share counts for each of them, so the sum is an upper bound. It exits with 1 where a limit is
exceeded.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.up import deployed
from tests.e2e import facts
from tests.e2e.scenario import Scenario

LIMIT = 250
"""Megabytes (2**20 bytes) for backend, frontend and edge together."""
READY_LIMIT = 2.0
"""Seconds from the backend's start until it is ready."""
SERVICES = ("backend", "frontend", "edge")
STARTS = 5
START = """
import os, subprocess, sys, time
from pathlib import Path
os.environ.update(LISTEN="unix:/tmp/started.sock", INSTANCE="bench")
from llmchat_backend.cli.ask import ask
began = time.monotonic()
started = subprocess.Popen(["llmchat-backend", "serve"], stderr=subprocess.DEVNULL)
while True:
    try:
        if ask("/health/ready")[0] == "200":
            break
    except OSError:
        pass
    time.sleep(0.005)
print(time.monotonic() - began)
used = Path(f"/proc/{started.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
print(sum(map(int, used)) / os.sysconf("SC_CLK_TCK"))
started.terminate()
sys.exit(started.wait())
"""
"""Run in the backend's container: its interpreter, its modules, its database, a socket of its own."""


@dataclass(frozen=True)
class Row:
    """One figure; ``limit`` is empty where none is promised."""

    name: str
    figure: str
    limit: str = ""

    def show(self, *, markdown: bool) -> None:
        text = (
            f"| {self.name} | {self.figure} | {self.limit} |"
            if markdown
            else f"{self.name:<36} {self.figure:>10}   {self.limit}"
        )
        sys.stdout.write(f"{text}\n")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--starts", type=int, default=STARTS, help="how often the backend is started; the median counts"
    )
    parser.add_argument("--settle", type=float, default=20, help="seconds after the start, before memory is read")
    parser.add_argument("--markdown", action="store_true", help="print table rows for docs/measurements.md")
    options = parser.parse_args()
    with deployed() as scenario:
        rows = [Row(f"{name}: ready after", f"{ready_after(scenario, name):.1f} s") for name in SERVICES]
        process, cpu = map(median, zip(*(process_ready(scenario) for _ in range(options.starts)), strict=True))
        container = median(container_ready(scenario) for _ in range(options.starts))
        rows.append(Row("backend: process ready after", f"{process:.1f} s", f"≤ {READY_LIMIT:.0f} s"))
        rows.append(Row("backend: CPU until then", f"{cpu:.1f} s"))
        rows.append(Row("backend: container ready after", f"{container:.1f} s", f"≤ {READY_LIMIT:.0f} s"))
        time.sleep(options.settle)
        resident = {name: resident_megabytes(scenario, name) for name in SERVICES}
        rows += [Row(f"{name}: idle memory", f"{amount:.0f} MB") for name, amount in resident.items()]
        total = sum(resident.values())
        rows.append(Row("all three: idle memory", f"{total:.0f} MB", f"≤ {LIMIT} MB"))
        rows += [Row(f"{name}: image", f"{image_megabytes(scenario, name):.0f} MB") for name in SERVICES]
    for row in rows:
        row.show(markdown=options.markdown)
    return 0 if total <= LIMIT and max(process, container) <= READY_LIMIT else 1


def ready_after(scenario: Scenario, service: str) -> float:
    """Return the seconds `up` took to start a service and see it healthy."""
    lines = re.findall(rf"(?:start|wait for) {service}\b.* … ([\d.]+) s$", scenario.runs[0].stderr, re.MULTILINE)
    return sum(map(float, lines))


def process_ready(scenario: Scenario) -> tuple[float, float]:
    """Return the seconds from the start of a backend's process until it is ready, and those of CPU it took."""
    done = facts.container(scenario.project, "backend").exec_run(["python3", "-c", START])
    if done.exit_code:
        raise RuntimeError(done.output.decode())
    seconds, cpu = map(float, done.output.split())
    return seconds, cpu


def container_ready(scenario: Scenario) -> float:
    """Return the seconds from the start of the backend's stopped container until its health check succeeds."""
    backend = facts.container(scenario.project, "backend")
    backend.stop()
    began = time.monotonic()
    backend.start()
    while backend.exec_run(["llmchat-backend", "health"]).exit_code:
        time.sleep(0.01)
    return time.monotonic() - began


def resident_megabytes(scenario: Scenario, service: str) -> float:
    """Return the resident memory of every process of a container."""
    total = 0
    for row in facts.container(scenario.project, service).top()["Processes"]:
        status = Path(f"/proc/{row[1]}/status").read_text()
        total += sum(int(kilobytes) for kilobytes in re.findall(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE))
    return total / 1024


def image_megabytes(scenario: Scenario, service: str) -> float:
    """Return an image's size as `docker images` shows it, in 10**6 bytes."""
    image = facts.container(scenario.project, service).attrs["Image"]
    return float(facts.client().images.get(image).attrs["Size"]) / 1_000_000


if __name__ == "__main__":
    sys.exit(main())
