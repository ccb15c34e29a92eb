"""Run every benchmark and write the figures to ``docs/measurements.md``.

    python tests/bench/record.py

A figure over its limit is written down like any other and named at the end; the exit status is then 1.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "measurements.md"
ARTIFACTS = ROOT / "tests" / "artifacts"

BACKUP = (
    "| 550 MB | writes/s | time | of the guide's (ours ≤ 0.45) | sound | slowest write, added (ours ≤ 100 ms) |"
    " stored | CPU | memory | scratch | restore |\n|---|---|---|---|---|---|---|---|---|---|---|"
)
ANSWERS = (
    "| answers at once | tokens/s, direct | tokens/s | ratio (limit) | first token, median | 99 of 100 tokens late by |"
    " memory | failed |\n|---|---|---|---|---|---|---|---|"
)
SCROLLING = (
    "| what moves | median frame | of the plain page's | 95 of 100 frames | of the plain page's | worst |"
    " tasks over 50 ms, of frames |\n|---|---|---|---|---|---|---|"
)
BENCHMARKS = (
    ("Starting the command line", "start.py", "| command | median | ratio | limit |\n|---|---|---|---|"),
    ("`up` with nothing to do", "up.py", "| command | median | ratio | limit |\n|---|---|---|---|"),
    (
        "Without service while the edge is replaced",
        "edge.py",
        "| meanwhile | median | worst | announced |\n|---|---|---|---|",
    ),
    (
        "Another address, for eight keep-alive clients",
        "address.py",
        "| way | median | ratio | requests failed |\n|---|---|---|---|",
    ),
    ("The service while nobody uses it", "service.py", "| figure | value | limit |\n|---|---|---|"),
    ("Many answers at once", "streams.py --rounds 3", ANSWERS),
    ("Years of chats at the page", "scrolling.py --rounds 3", SCROLLING),
    (
        "A backup of a volume in use",
        "backup.py --rounds 10 --large",
        BACKUP,
    ),
)
HEAD = """\
# Measurements

Written by `./run-tests full`; each figure comes from a script in `tests/bench`, which anybody can run alone.
Ratios are against the other side in the same, interleaved run: they hold on a busy machine too. Seconds don't.

{date}, {cores} cores, {system}, Python {python}, Docker Engine {engine}; load before the run {load:.1f}.
"""
MACHINE_HEAD = """\
## From a bare machine to a streamed answer

`./llmchat-deploy up --env development` on a machine with nothing but git, in a container with a Docker engine of its
own, nothing cached (`tests/machine`). The limits are 300 s for the first `up` and 20 s when only containers must start.

| system | first `up` | nothing to do | only containers |
|---|---|---|---|
"""
CROWD = ARTIFACTS / "crowd.jsonl"
CROWD_HEAD = """\
## Changed under 200 clients and 50 open answers

`tests/e2e/test_crowd.py`: keep-alive clients over https (short requests, log-ins, uploads), and answers of 3 minutes.
Outage is the longest time in which nobody's request succeeded.

| change | whole command | requests failed | answers cut | outage | slowest request |
|---|---|---|---|---|---|
"""
SUITES = {"trixie": "Debian 13", "bookworm": "Debian 12"}


def main() -> int:
    """Measure everything, write the page, and name what exceeds its limit."""
    parts, missed = [head()], []
    for title, script, table in BENCHMARKS:
        sys.stdout.write(f"{title} …\n")
        sys.stdout.flush()
        name, *options = script.split()
        argv = (sys.executable, str(Path(__file__).with_name(name)), *options, "--markdown")
        done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
        rows = "\n".join(line for line in done.stdout.splitlines() if line.startswith("|"))
        if not rows:
            sys.stderr.write(done.stdout + done.stderr)
            return 1
        parts.append(f"## {title}\n\n`python tests/bench/{script}`\n\n{table}\n{rows}\n")
        if done.returncode:
            missed.append(title)
    parts += [crowd(), machines()]
    PAGE.write_text("\n".join(part for part in parts if part))
    sys.stdout.write(PAGE.read_text())
    for title in missed:
        sys.stderr.write(f"over its limit: {title}\n")
    return 1 if missed else 0


def head() -> str:
    """Say when and where the figures were measured."""
    argv = ("docker", "version", "--format", "{{.Server.Version}}")
    engine = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()
    return HEAD.format(
        date=datetime.now(UTC).date(),
        cores=os.cpu_count(),
        system=platform.freedesktop_os_release()["PRETTY_NAME"],
        python=platform.python_version(),
        engine=engine,
        load=os.getloadavg()[0],
    )


def crowd() -> str:
    """Return what the crowd met, if it was there."""
    rows = ""
    for line in CROWD.read_text().splitlines() if CROWD.exists() else ():
        met = json.loads(line)
        row = "| {change} | {seconds} s | {failed} of {requests} | {cut} of {streams} | {outage} s | {slowest} s |\n"
        rows += row.format(**met)
    return CROWD_HEAD + rows if rows else ""


def machines() -> str:
    """Return the times that the fresh-machine tests left, if they ran."""
    rows = ""
    for suite, system in SUITES.items():
        file = ARTIFACTS / f"fresh-machine-{suite}.json"
        if file.exists():
            seconds = json.loads(file.read_text())
            rows += "| {} | {first} s | {again} s | {containers_only} s |\n".format(system, **seconds)
    return MACHINE_HEAD + rows if rows else ""


if __name__ == "__main__":
    sys.exit(main())
