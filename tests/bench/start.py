"""How long the command line takes to start, as ratios: each command against a bare ``import typer`` in the same run.

    python tests/bench/start.py [--rounds 15] [--markdown] [--up NAME]

The rounds are interleaved (A B C A B C …), so that a busy machine slows all of them alike. ``--up NAME`` adds an ``up``
with nothing to do of a running environment, against importing its libraries plus a no-op ``docker compose up -d``.
The script prints medians, ratios and limits; it exits with 1 where a limit is exceeded.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
TOOL = (sys.executable, "-m", "llmchat_deploy")
LIBRARIES = "import docker, jinja2, pydantic, rich.console, typer"
COMPOSE = "services: {sleeper: {image: '%s', command: [sleep, infinity], init: true}}"


@dataclass(frozen=True)
class Case:
    """A command; ``limit`` is its allowed ratio to the case called ``against``."""

    name: str
    argv: tuple[str, ...]
    against: str = ""
    limit: float = 0.0


START = (
    Case("python -c 'import typer'", (sys.executable, "-c", "import typer")),
    Case("llmchat-deploy --version", (*TOOL, "--version"), "python -c 'import typer'", 1.5),
    Case("llmchat-deploy --help", (*TOOL, "--help"), "python -c 'import typer'", 2.8),
    Case(
        "llmchat-deploy config show",
        (*TOOL, "--env", "development", "config", "show"),
        "python -c 'import typer'",
        4.0,
    ),
)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--markdown", action="store_true", help="print table rows for docs/measurements.md")
    parser.add_argument("--up", metavar="NAME", help="a running environment")
    parser.add_argument("--image", default="llmchat/base:latest", help="any image, for the no-op compose up")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kept = report(measure(START, options.rounds, Path(folder)), START, markdown=options.markdown)
        if options.up:
            kept &= _no_op_up(options, Path(folder))
    return 0 if kept else 1


def measure(cases: tuple[Case, ...], rounds: int, folder: Path) -> dict[str, float]:
    """Return the median seconds of each case; the first round warms up and doesn't count."""
    times: dict[str, list[float]] = {case.name: [] for case in cases}
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    # An installed package is compiled; the round that warms up compiles this one.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    for _ in range(rounds + 1):
        for case in cases:
            started = time.perf_counter()
            subprocess.run(case.argv, cwd=folder, env=environment, check=True, capture_output=True)
            times[case.name].append(time.perf_counter() - started)
    return {name: median(values[1:]) for name, values in times.items()}


def report(medians: dict[str, float], cases: tuple[Case, ...], *, markdown: bool) -> bool:
    """Print each case and say whether all limits are kept."""
    kept = True
    for case in cases:
        figure = f"{medians[case.name] * 1000:.0f} ms"
        ratio = medians[case.name] / medians[case.against] if case.against else 1.0
        kept &= not case.limit or ratio <= case.limit
        limit = f"≤ {case.limit}" if case.limit else ""
        row = f"| `{case.name}` | {figure} | {ratio:.2f} | {limit} |"
        line = row if markdown else f"{case.name:<42} {figure:>8}   {ratio:5.2f}   {limit}"
        sys.stdout.write(f"{line}\n")
    return kept


def _no_op_up(options: argparse.Namespace, folder: Path) -> bool:
    """Compare a no-op ``up`` with what it can't do without: its libraries and Compose's own no-op."""
    file = folder / "compose.yaml"
    file.write_text(COMPOSE % options.image, encoding="utf-8")
    compose = ("docker", "compose", "-p", "llmchat-bench-start", "-f", str(file))
    subprocess.run((*compose, "up", "-d"), check=True, capture_output=True)
    try:
        floor, up = "libraries + docker compose up -d", "llmchat-deploy up"
        libraries = Case("libraries", (sys.executable, "-c", LIBRARIES))
        idle = Case("docker compose up -d", (*compose, "up", "-d"))
        # The environment's own folder is where its env file is.
        whole = Case(up, (*TOOL, "--env", options.up, "up"), floor, 1.5)
        medians = measure((libraries, idle, whole), options.rounds, Path.cwd())
    finally:
        subprocess.run((*compose, "down", "-t", "0"), check=True, capture_output=True)
    medians[floor] = medians[libraries.name] + medians[idle.name]
    return report(medians, (libraries, idle, Case(floor, ()), whole), markdown=options.markdown)


if __name__ == "__main__":
    sys.exit(main())
