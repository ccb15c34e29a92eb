"""Disks that are small and engines that are the test's own."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.daemon import Daemon


@contextmanager
def small_disk(folder: Path, *, size: str) -> Iterator[Path]:
    """Mount a disk of that size at a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False, capture_output=True)


@pytest.fixture
def own_daemon() -> Iterator[Daemon]:
    """An engine that holds nothing yet."""
    folder = Path(tempfile.mkdtemp(prefix="lc-"))
    try:
        with Daemon(folder) as daemon:
            yield daemon
    finally:
        shutil.rmtree(folder, ignore_errors=True)
