"""Bring the database to this release's revision."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from llmchat_backend.db.engine import open_database
from llmchat_backend.db.migrate import upgrade_unless_ahead
from llmchat_backend.log import configure_logging
from llmchat_backend.settings import load_settings

if TYPE_CHECKING:
    import argparse


def run(_arguments: argparse.Namespace) -> int:
    """Upgrade and print {"from": revision or null, "to": revision}."""
    settings = load_settings()
    configure_logging("warning")
    database = open_database(settings.database_file)
    try:
        before, after = database.read_now(upgrade_unless_ahead, database.engine)
    finally:
        database.close()
    sys.stdout.write(json.dumps({"from": before, "to": after}) + "\n")
    return 0
