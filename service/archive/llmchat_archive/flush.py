"""Wait for the disk while something else is done."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread


@contextmanager
def flushing(file: Path) -> Iterator[None]:
    """Flush a finished file beside the block, which may read it; raises OSError where the disk didn't take it.

    What a disk has failed to take may read as something else later, so nothing made of it counts before the end.
    """
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    failed: list[OSError] = []

    def flush() -> None:
        try:
            os.fsync(descriptor)
        except OSError as error:
            failed.append(error)

    thread = Thread(target=flush, name="flush", daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()
        os.close(descriptor)
    if failed:
        raise failed[0]
