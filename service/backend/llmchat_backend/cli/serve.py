"""Serve until told to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmchat_backend.server import serve

if TYPE_CHECKING:
    import argparse


def run(_arguments: argparse.Namespace) -> int:
    """Serve on `LISTEN`."""
    serve()
    return 0
