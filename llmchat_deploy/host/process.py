"""Run a command, hand on its lines while they come, and leave nothing behind when interrupted."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Mapping
from typing import IO

from llmchat_deploy.host.base import CommandResult, LineSink


def run_command(
    argv: tuple[str, ...], *, env: Mapping[str, str], stdin: bytes, on_line: LineSink | None
) -> CommandResult:
    """Run ``argv`` to its end. ``on_line`` gets each line of both outputs, in the order they come.

    Raises OSError where the command can't be started.
    """
    with subprocess.Popen(
        argv,
        env=dict(env),
        stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        collected: dict[str, list[str]] = {"stdout": [], "stderr": []}

        def pump(stream: IO[bytes], name: str) -> None:
            for raw in stream:
                line = raw.decode(errors="replace")
                collected[name].append(line)
                if on_line is not None:
                    on_line(line)

        assert process.stdout is not None  # noqa: S101 - opened above
        assert process.stderr is not None  # noqa: S101 - opened above
        readers = [
            threading.Thread(target=pump, args=(process.stdout, "stdout"), daemon=True),
            threading.Thread(target=pump, args=(process.stderr, "stderr"), daemon=True),
        ]
        for reader in readers:
            reader.start()
        try:
            if process.stdin is not None:
                with contextlib.suppress(BrokenPipeError):  # it ended without reading all: its status says why
                    process.stdin.write(stdin)
                    process.stdin.close()
            for reader in readers:
                reader.join()
            status = process.wait()
        except BaseException:
            process.terminate()
            raise
    return CommandResult(status, "".join(collected["stdout"]), "".join(collected["stderr"]))
