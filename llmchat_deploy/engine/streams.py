"""Commands inside containers, logs and usage: the parts of the engine's API that are streams."""

from __future__ import annotations

import contextlib
import queue
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

from llmchat_deploy.engine.base import TIMED_OUT, Container, ExecResult, LogLine, Usage

KILLED = 137
"""Exit status of a command whose end nobody saw: 128 + SIGKILL, as a shell says it."""
GRACE = 5.0
"""Seconds after which this side gives up too, where nothing in the container could end the command."""


def exec_in(api: Any, container: str, argv: tuple[str, ...], timeout: float) -> ExecResult:
    """Run a command in a container and return what it left.

    The SDK reads its output without any deadline, so that happens in a thread of its own.
    """
    made = api.exec_create(container, list(limited(argv, timeout)))["Id"]
    answers: queue.SimpleQueue[tuple[Any, Exception | None]] = queue.SimpleQueue()

    def read() -> None:
        try:
            answers.put((api.exec_start(made, demux=True), None))
        except Exception as error:  # noqa: BLE001 - raised by the one who waits
            answers.put((None, error))

    threading.Thread(target=read, daemon=True).start()
    try:
        output, error = answers.get(timeout=timeout + GRACE)
    except queue.Empty:
        return _late(timeout)
    if error is not None:
        raise error
    status = api.exec_inspect(made)["ExitCode"]
    if status == TIMED_OUT:
        return _late(timeout, output[0])
    return ExecResult(KILLED if status is None else status, _text(output[0]), _text(output[1]))


def limited(argv: tuple[str, ...], timeout: float) -> tuple[str, ...]:
    """Return the argv that ends by itself: Docker has no way to end a command that it started in a container."""
    return ("timeout", "--kill-after=1", f"{timeout:g}", *argv)


def _late(timeout: float, stdout: bytes | None = None) -> ExecResult:
    return ExecResult(TIMED_OUT, _text(stdout), f"no answer within {timeout:g} s")


def exec_with_input(container: str, argv: tuple[str, ...], stdin: bytes, timeout: float) -> ExecResult:
    """Run a command in a container with something on its standard input.

    By Docker's command line: the SDK hands out a bare socket for this and keeps no hold on the response that owns it,
    so a garbage collection may close it in the middle.
    """
    command = ("docker", "exec", "--interactive", container, *limited(argv, timeout))
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=timeout + GRACE)
    except subprocess.TimeoutExpired:
        return _late(timeout)
    if done.returncode == TIMED_OUT:
        return _late(timeout, done.stdout)
    return ExecResult(done.returncode, _text(done.stdout), _text(done.stderr))


def _text(output: bytes | None) -> str:
    return (output or b"").decode(errors="replace")


def merged_logs(api: Any, containers: tuple[Container, ...], *, follow: bool, tail: int | None) -> Iterator[LogLine]:
    """Yield lines of several logs; one after the other without ``follow``, as they come with it."""
    if not follow:
        for container in containers:
            yield from _lines(api, container, follow=False, tail=tail)
        return
    lines: queue.SimpleQueue[LogLine | None] = queue.SimpleQueue()

    def pump(container: Container) -> None:
        with contextlib.suppress(Exception):  # a container that goes away ends its part
            for line in _lines(api, container, follow=True, tail=tail):
                lines.put(line)
        lines.put(None)

    for container in containers:
        threading.Thread(target=pump, args=(container,), daemon=True).start()
    running = len(containers)
    while running:
        line = lines.get()
        if line is None:
            running -= 1
        else:
            yield line


def _lines(api: Any, container: Container, *, follow: bool, tail: int | None) -> Iterator[LogLine]:
    name = f"{container.service}-{container.slot}" if container.slot else container.service
    stream = api.logs(container.name, stream=True, follow=follow, tail="all" if tail is None else tail)
    rest = b""
    for chunk in stream:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield LogLine(name, line.decode(errors="replace").rstrip("\r"))
    if rest:
        yield LogLine(name, rest.decode(errors="replace"))


def usage_from(stats: dict[str, Any]) -> Usage | None:
    """Read memory and processor use from the engine's statistics; None for a stopped container.

    Memory is what ``docker stats`` shows: usage less the page cache that can be given back.
    """
    memory = stats.get("memory_stats") or {}
    if not memory.get("usage"):
        return None  # not running, or the kernel keeps no account of it
    details = memory.get("stats") or {}
    cache = details.get("total_inactive_file", details.get("inactive_file", 0))
    return Usage(memory=max(0, int(memory["usage"]) - int(cache)), cpu=_cpu(stats))


def _cpu(stats: dict[str, Any]) -> float:
    now, before = stats.get("cpu_stats") or {}, stats.get("precpu_stats") or {}
    used = now.get("cpu_usage", {}).get("total_usage", 0) - before.get("cpu_usage", {}).get("total_usage", 0)
    system = now.get("system_cpu_usage", 0) - before.get("system_cpu_usage", 0)
    if used <= 0 or system <= 0 or not before.get("system_cpu_usage"):
        return 0.0
    return float(used) / float(system) * int(now.get("online_cpus") or 1) * 100.0
