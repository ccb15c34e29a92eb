"""Run a program, or a container, and watch what it takes: time, memory, and room beside what it makes."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

BETWEEN = 0.05
"""Seconds between two looks. Memory is read as the kernel's own high-water mark, so little is missed."""


@dataclass(frozen=True)
class Taken:
    """What a run took: seconds, those of a core, and at its peak bytes of memory and of scratch space."""

    seconds: float
    cpu: float
    memory: int
    scratch: int
    output: str


class Failed(Exception):
    """The program has failed; the message is what it said."""


def run(
    argv: tuple[str, ...],
    *,
    scratch: Path,
    stdin: bytes = b"",
    environ: Mapping[str, str] | None = None,
    good: tuple[int, ...] = (0,),
) -> Taken:
    """Run to the end; raises Failed for an exit status that isn't ``good``.

    For ``docker run`` the memory is that of the processes in the container, not Docker's.
    """
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "container"
        in_container = argv[:2] == ("docker", "run")
        if in_container:
            argv = (*argv[:2], "--cidfile", str(told), *argv[2:])
        begun = time.perf_counter()
        with tempfile.TemporaryFile() as given:
            given.write(stdin)
            given.seek(0)
            process = subprocess.Popen(
                argv, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environ
            )
        watch = _Watch(told if in_container else process.pid, scratch)
        output, _ = process.communicate()
        seconds = time.perf_counter() - begun
        watch.stop()
    if process.returncode not in good:
        raise Failed(f"$ {' '.join(argv)}\n{output}")
    return Taken(seconds, watch.cpu, watch.memory, watch.scratch, output)


class _Watch:
    def __init__(self, what: int | Path, scratch: Path) -> None:
        self._what, self._folder = what, scratch
        self._peaks: dict[int, int] = {}
        self._cpu: dict[int, float] = {}
        self._ended = Event()
        self.scratch = 0
        self._thread = Thread(target=self._look_on)
        self._thread.start()

    @property
    def memory(self) -> int:
        """Return the bytes of all processes together, each at its own peak."""
        return sum(self._peaks.values())

    @property
    def cpu(self) -> float:
        """Return the seconds of a core that all processes took, up to the last look."""
        return sum(self._cpu.values())

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _look_on(self) -> None:
        while not self._ended.wait(BETWEEN):
            self.scratch = max(self.scratch, _used(self._folder))
            for pid in _family(self._first()):
                self._peaks[pid] = max(self._peaks.get(pid, 0), _peak(pid))
                self._cpu[pid] = max(self._cpu.get(pid, 0), _cpu(pid))

    def _first(self) -> int:
        """Return the first process; a container's is known when Docker has started it."""
        if isinstance(self._what, Path) and self._what.exists() and (name := self._what.read_text()):
            asked = ("docker", "inspect", "--format", "{{.State.Pid}}", name)
            answer = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
            self._what = int(answer) if answer not in ("", "0") else self._what
        return self._what if isinstance(self._what, int) else 0


def _family(pid: int) -> list[int]:
    found = [pid] if pid else []
    for each in found:
        for file in Path(f"/proc/{each}/task").glob("*/children"):
            try:
                found += map(int, file.read_text().split())
            except OSError:  # it has ended meanwhile
                continue
    return found


def _peak(pid: int) -> int:
    try:
        found = re.search(r"^VmHWM:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


def _cpu(pid: int) -> float:
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")  # utime and stime of proc(5)


def _used(folder: Path) -> int:
    total = 0
    for here, _, names in os.walk(folder):  # goes on where a folder has just gone
        for name in names:
            try:
                about = os.lstat(os.path.join(here, name))  # noqa: PTH118 - called for every file, ten times a second
            except OSError:
                continue
            total += about.st_blocks * 512
    return total
