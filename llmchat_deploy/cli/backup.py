"""``backup``: make a backup, and the group of everything around backups."""

from __future__ import annotations

from llmchat_deploy.cli.options import Commands
from llmchat_deploy.cli.session import Session
from llmchat_deploy.errors import RefusedError

EXAMPLES = """
llmchat-deploy backup --env production
llmchat-deploy backup list --env production
"""


def backup(session: Session) -> int:
    """Make a backup while the service runs, and look after backups."""
    raise RefusedError(f"No backup of '{session.name}' can be made yet.")


COMMANDS: Commands = {}
