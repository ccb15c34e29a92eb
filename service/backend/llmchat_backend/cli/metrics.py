"""What the running service has counted, for whatever collects it. Standard library only."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from llmchat_backend.cli.ask import ask

if TYPE_CHECKING:
    import argparse


def run(_arguments: argparse.Namespace) -> int:
    """Print the figures in Prometheus's text format; return 1 after one line why when there are none."""
    try:
        status, body = ask("/metrics")
    except OSError as error:
        sys.stderr.write(f"no answer: {error.strerror or error}\n")
        return 1
    if status != "200":
        sys.stderr.write(f"no figures: HTTP {status or 'no status'}\n")
        return 1
    sys.stdout.write(body)
    return 0
