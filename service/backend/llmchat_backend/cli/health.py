"""The container's health check. Standard library only."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from llmchat_backend.cli.ask import ask

if TYPE_CHECKING:
    import argparse


def run(_arguments: argparse.Namespace) -> int:
    """Return 0 when the service says that it is ready, else 1 after one line why."""
    try:
        status, body = ask("/health/ready")
    except OSError as error:
        sys.stdout.write(f"no answer: {error.strerror or error}\n")
        return 1
    if status == "200":
        return 0
    sys.stdout.write(f"not ready: HTTP {status or 'no status'} {' '.join(body.split())}\n")
    return 1
