"""Bring the database to this release's revision."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from llmchat_backend.cli.database import command_database
from llmchat_backend.db.migrate import upgrade_unless_ahead
from llmchat_backend.db.revision import HEAD
from llmchat_backend.log import configure_logging

if TYPE_CHECKING:
    import argparse


def run(_arguments: argparse.Namespace) -> int:
    """Upgrade and print {"from": revision or null, "to": revision, "head": the newest this release knows}."""
    configure_logging("warning")
    with command_database() as database:
        before, after = database.read_now(upgrade_unless_ahead, database.engine)
    sys.stdout.write(json.dumps({"from": before, "to": after, "head": HEAD}) + "\n")
    return 0
