"""What the running service costs: memory while nobody uses it, the size of its images, the time until it is ready.

    python tests/bench/service.py [--settle 20] [--markdown]

Memory is the resident set of every process of backend, frontend and edge, read from ``/proc``: what they share counts
for each of them, so the sum is an upper bound. It exits with 1 where the limit is exceeded.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.up import deployed
from tests.e2e import facts
from tests.e2e.scenario import Scenario

LIMIT = 250
"""Megabytes (2**20 bytes) for backend, frontend and edge together."""
SERVICES = ("backend", "frontend", "edge")


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
    parser.add_argument("--settle", type=float, default=20, help="seconds after the start, before memory is read")
    parser.add_argument("--markdown", action="store_true", help="print table rows for docs/measurements.md")
    options = parser.parse_args()
    with deployed() as scenario:
        rows = [Row(f"{name}: ready after", f"{ready_after(scenario, name):.1f} s") for name in SERVICES]
        time.sleep(options.settle)
        resident = {name: resident_megabytes(scenario, name) for name in SERVICES}
        rows += [Row(f"{name}: idle memory", f"{amount:.0f} MB") for name, amount in resident.items()]
        total = sum(resident.values())
        rows.append(Row("all three: idle memory", f"{total:.0f} MB", f"≤ {LIMIT} MB"))
        rows += [Row(f"{name}: image", f"{image_megabytes(scenario, name):.0f} MB") for name in SERVICES]
    for row in rows:
        row.show(markdown=options.markdown)
    return 0 if total <= LIMIT else 1


def ready_after(scenario: Scenario, service: str) -> float:
    """Return the seconds `up` took to start a service and see it healthy."""
    lines = re.findall(rf"(?:start|wait for) {service}\b.* … ([\d.]+) s$", scenario.runs[0].stderr, re.MULTILINE)
    return sum(map(float, lines))


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
