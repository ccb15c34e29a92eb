"""``llmchat-archive VERB``: read one job from standard input, tell about it in JSON lines, end with an exit code.

The codes: 0; 11 for what is wrong with a backup, its place or its key; 2 for a job that isn't one; 130 for one that
was told to stop, and has cleaned up behind itself.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, NoReturn

from llmchat_archive.errors import ArchiveError
from llmchat_archive.events import Events, JsonLines
from llmchat_archive.job import BadJob, Job

EXIT_ARCHIVE = 11
EXIT_BAD_JOB = 2
EXIT_STOPPED = 130
MAX_JOB = 64 * 1024**2

VERBS = {
    "create": "llmchat_archive.create:run",
    "verify": "llmchat_archive.verify:run",
    "prepare": "llmchat_archive.restore:run",
    "import-guide": "llmchat_archive.guide:run",
    "drill": "llmchat_archive.drill:run",
    "prune": "llmchat_archive.prune:run",
    "upload": "llmchat_archive.upload:run",
    "list-remote": "llmchat_archive.elsewhere:run_list",
    "fetch": "llmchat_archive.elsewhere:run_fetch",
}
"""Where each job is: imported when it runs, for most need only a part of what the image holds."""

WITHOUT_JOB = {"serve": "llmchat_archive.serve", "health": "llmchat_archive.heartbeat"}
"""The scheduler, and the question whether it still turns: they read no job, and have a main of their own."""

Run = Callable[[Job, Events, Callable[[], datetime]], dict[str, Any]]
"""A job returns its result; with ``"failed": true`` in it, the exit code is 11."""


def main(argv: list[str] | None = None) -> int:
    """Run one job, the scheduler, or the question after its health, and return the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    os.umask(0o027)  # the group of the backups folder reads them, nobody else
    if arguments and arguments[0] in WITHOUT_JOB:
        other: Callable[[list[str]], int] = import_module(WITHOUT_JOB[arguments[0]]).main
        return other(arguments[1:])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    events = JsonLines(sys.stdout)
    try:
        result = _run(arguments, events)
    except KeyboardInterrupt:
        return EXIT_STOPPED
    except BadJob as error:
        events.error("bad_job", f"The job can't be understood: {error}.", "")
        return EXIT_BAD_JOB
    except ArchiveError as error:
        events.error(error.code, str(error), error.hint)
        return EXIT_ARCHIVE
    except OSError as error:
        told = translated(error)
        events.error(told.code, str(told), told.hint)
        return EXIT_ARCHIVE
    failed = bool(result.pop("failed", False))
    events.result(result)
    return EXIT_ARCHIVE if failed else 0


def program() -> NoReturn:
    """Be the command of the image: run, and end at once, whatever threads still wait for a remote.

    Python's own way out waits for them or aborts, when they are in the middle of a library's code.
    """
    code = 1
    try:
        code = main()
    except Exception:  # noqa: BLE001 - what Python itself would do with it
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def translated(error: OSError) -> ArchiveError:
    """Say what the system refused: no room has a code of its own."""
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ArchiveError(
            f"There is no room left{where}.",
            code="no_space",
            hint="Free some space (df -h; docker system df) and run the command again. Earlier backups are untouched.",
        )
    return ArchiveError(f"{error.strerror or error}{where}.", code="write_failed")


def _run(arguments: list[str], events: Events) -> dict[str, Any]:
    if len(arguments) != 1 or arguments[0] not in VERBS:
        raise BadJob(f"one of {', '.join(VERBS)} is needed")
    text = sys.stdin.buffer.read(MAX_JOB + 1)
    try:
        told = json.loads(text) if len(text) <= MAX_JOB else None
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise BadJob("it is not one JSON object")
    module, _, name = VERBS[arguments[0]].partition(":")
    run: Run = getattr(import_module(module), name)
    return run(Job(told), events, lambda: datetime.now(UTC))


def _stop(_number: int, _frame: object) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # cleaning up is not to be stopped too
    raise KeyboardInterrupt
