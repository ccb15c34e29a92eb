"""What a backup of a volume in use costs, and whether it restores: ours, the guide's ``tar czf``, restic and borg.

    python tests/bench/backup.py [--rounds 3] [--large] [--image TAG] [--markdown]

About 500 MB of chats and 50 MB of attachments, with nobody writing and with 400 writes a second. The rounds are
interleaved, so that a busy machine slows all alike. Every backup is a first one, and every one is restored and
checked: integrity, the rows that were there, and every row that was committed before it began. ``--large`` adds ten
times as many chats, for the memory. It runs as root, for it looks into volumes from outside, and exits with 1 where a
limit is missed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench import chats, watched
from tests.bench.backup_ways import Guide, Ours, Volume, Way, alpine, others, volume
from tests.bench.up import deployed
from tests.unit.archive import busy_writer

CHATS, ATTACHMENTS, LARGE = 500_000_000, 50_000_000, 5_000_000_000
RATE = 400
TIME = 0.45
"""Of what the guide's command takes."""
STALL = 0.1
"""Seconds that a backup may add to the slowest write."""
GROWTH = 1.25
"""Of the memory, where there is ten times as much to back up."""
BEFORE = 0.5
ALONE = 6.0
"""Seconds that the writer writes before a backup begins, and without any backup."""


@dataclass(frozen=True)
class Data:
    """A volume to back up, and how many rows were in its database before anybody wrote."""

    volume: Volume
    rows: int


@dataclass(frozen=True)
class Result:
    """One backup and its restore."""

    seconds: float
    cpu: float
    stall: float
    stored: int
    memory: int
    scratch: int
    restore: float
    problem: str


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="backups of each kind under load; 3 at most without")
    parser.add_argument("--large", action="store_true", help="back up 5 GB too")
    parser.add_argument("--image", help="the backend's image; without it an environment is deployed")
    parser.add_argument("--markdown", action="store_true", help="print table rows for docs/measurements.md")
    options = parser.parse_args()
    with ExitStack() as stack:
        image = options.image or deployed_image(stack)
        encrypted = Ours(image)
        guide = Guide(alpine())
        ways: list[Way] = [guide, *others(), encrypted, Ours(image, encrypted=False)]
        data = filled(stack, CHATS)
        report = Report(guide.name, markdown=options.markdown)
        report.head()
        idle = rounds(ways, data, min(options.rounds, 3), rate=0)
        for way in ways:
            report.row(way.name, idle[way.name], idle[guide.name], None)
        loaded = rounds(ways, data, options.rounds, rate=RATE)
        alone = [result.stall for result in loaded[""]]
        for way in ways:
            report.row(way.name, loaded[way.name], loaded[guide.name], alone)
        if options.large:
            large = measure(encrypted, filled(stack, LARGE), rate=0)
            report.large(encrypted.name, large, max(result.memory for result in idle[encrypted.name]))
    return 1 if report.missed else 0


def deployed_image(stack: ExitStack) -> str:
    """Return the image of a backend that is deployed for it."""
    scenario = stack.enter_context(deployed())
    rows = scenario.run("status", "--json").check().data["services"]
    return str(next(row["image"] for row in rows if row["service"] == "backend"))


def filled(stack: ExitStack, size: int) -> Data:
    """Return a volume with that many bytes of chats."""
    made = stack.enter_context(volume())
    return Data(made, chats.make(made.path, database=size, attachments=ATTACHMENTS))


def rounds(ways: list[Way], data: Data, count: int, *, rate: int) -> dict[str, list[Result]]:
    """Measure each way so often, in turns; under the name "" the writer without any."""
    results: dict[str, list[Result]] = {name: [] for name in ("", *(way.name for way in ways))}
    for number in range(count):
        sys.stderr.write(f"round {number + 1} of {count}, {rate} writes a second\n")
        if rate:
            results[""].append(Result(0, 0, writer_alone(data), 0, 0, 0, 0, ""))
        for way in ways:
            results[way.name].append(measure(way, data, rate=rate))
            sys.stderr.write(f"  {way.name}: {results[way.name][-1]}\n")
    return results


def writer_alone(data: Data) -> float:
    """Return the seconds of the slowest write where nothing is backed up."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        chats.forget_writes(data.volume.path)
        with busy_writer.writing(data.volume.path / chats.DATABASE, log, RATE):
            time.sleep(ALONE)
        return busy_writer.slowest(log)


def measure(way: Way, data: Data, *, rate: int) -> Result:
    """Make one backup, restore it, and check what was restored."""
    with ExitStack() as stack:
        log = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "log"
        target = Path(stack.enter_context(tempfile.TemporaryDirectory(dir="/var/tmp")))
        scratch, new = stack.enter_context(volume()), stack.enter_context(volume())
        chats.forget_writes(data.volume.path)
        os.sync()
        if rate:
            writing = busy_writer.writing(data.volume.path / chats.DATABASE, log, rate)
            with writing:
                time.sleep(BEFORE)
                committed = busy_writer.committed(log)
                taken = way.back_up(data.volume, target, scratch)
            stall = busy_writer.slowest(log)
        else:
            taken, committed, stall = way.back_up(data.volume, target, scratch), 0, 0.0
        stored = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
        os.sync()
        begun = time.perf_counter()
        try:
            root = way.restore(target, new, scratch)
            restore = time.perf_counter() - begun
            problem = chats.sound(root, rows=data.rows, at_least=committed)
        except watched.Failed as error:
            restore, problem = 0.0, str(error)
        return Result(taken.seconds, taken.cpu, stall, stored, taken.memory, taken.scratch, restore, problem)


class Report:
    """Rows of a table, and whether a limit was missed."""

    def __init__(self, guide: str, *, markdown: bool) -> None:
        self._guide, self._markdown, self.missed = guide, markdown, False

    def head(self) -> None:
        if not self._markdown:
            self._print(
                "",
                "writes/s",
                "time",
                "of the guide's",
                "sound",
                "slowest write",
                "stored",
                "CPU",
                "memory",
                "scratch",
                "restore",
            )

    def row(self, name: str, results: list[Result], guide: list[Result], alone: list[float] | None) -> None:
        ours = name.startswith("llmchat")
        seconds = median(result.seconds for result in results)
        ratio = seconds / median(result.seconds for result in guide)
        good = sum(not result.problem for result in results)
        stall = ""
        added = 0.0
        if alone is not None:
            stalls = [result.stall for result in results]
            added = median(stalls) - median(alone)
            stall = f"{median(stalls) * 1000:.0f} ms ({added * 1000:+.0f})"
        self.missed |= ours and (good < len(results) or ratio > TIME or added > STALL)
        self._print(
            name,
            "0" if alone is None else str(RATE),
            f"{seconds:.1f} s",
            f"{ratio:.2f}",
            f"{good}/{len(results)}",
            stall,
            megabytes(median(result.stored for result in results)),
            f"{median(result.cpu for result in results):.1f} s",
            megabytes(max(result.memory for result in results)),
            megabytes(max(result.scratch for result in results)),
            f"{median(result.restore for result in results):.1f} s",
        )

    def large(self, name: str, result: Result, memory: int) -> None:
        grown = result.memory / memory
        self.missed |= grown > GROWTH or bool(result.problem)
        self._print(
            f"{name}, {LARGE / 1e9:.0f} GB",
            "0",
            f"{result.seconds:.1f} s",
            "",
            "0/1" if result.problem else "1/1",
            "",
            megabytes(result.stored),
            f"{result.cpu:.1f} s",
            f"{megabytes(result.memory)} (x {grown:.2f})",
            megabytes(result.scratch),
            f"{result.restore:.1f} s",
        )

    def _print(self, *cells: str) -> None:
        widths = (36, 9, 8, 14, 6, 15, 9, 8, 18, 8, 8)
        plain = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
        sys.stdout.write(f"| {' | '.join(cells)} |\n" if self._markdown else f"{plain}\n")
        sys.stdout.flush()


def megabytes(size: float) -> str:
    """Return bytes in 10**6."""
    return f"{size / 1e6:.0f} MB"


if __name__ == "__main__":
    sys.exit(main())
