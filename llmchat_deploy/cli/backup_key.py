"""``backup key``: the key that opens backups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmchat_deploy.cli.options import Commands
from llmchat_deploy.cli.session import Session

if TYPE_CHECKING:
    from llmchat_deploy.operations.backup_key import KeyCreated

ABOUT = "Make the key that opens backups, and look after it."
TRIES = 3
UNCOPIED = "Nobody has said that there is a copy of the key off this machine: without it, backups die with the machine."


def create(session: Session) -> int:
    """Make a key; backups are encrypted to it from now on.

    The private key is written to .backup-key.NAME, which only you can read, and shown once at a terminal, where its
    last characters have to be typed back. Its public key is added to BACKUP_RECIPIENTS in .env.NAME. A key that is
    there is never overwritten (exit 6).
    """
    from llmchat_deploy.host import age_keys
    from llmchat_deploy.operations import backup_key as operation
    from llmchat_deploy.output.backup_key_view import show_created, show_key

    world = session.world
    outcome = operation.create(session.name, world.sources(), world.key_folder(), age_keys, now=age_keys.timestamp())
    if session.interactive:
        show_key(session.screen, outcome.data)
    if not session.options.yes and not (session.interactive and _typed_back(session, outcome.data)):
        session.screen.warn(UNCOPIED)
    return session.finish(outcome, show_created)


def show_recipient(session: Session) -> int:
    """Print the public key of the one that is kept here, else all that backups are encrypted to."""
    from llmchat_deploy.host import age_keys
    from llmchat_deploy.operations import backup_key as operation
    from llmchat_deploy.output import backup_key_view as view

    world = session.world
    outcome = operation.show_recipient(session.name, world.sources(), world.key_folder(), age_keys)
    return session.finish(outcome, view.show_recipient)


COMMANDS: Commands = {
    "create": (create, "llmchat-deploy backup key create --env production"),
    "show-recipient": (show_recipient, "llmchat-deploy backup key show-recipient --env production"),
}


def _typed_back(session: Session, data: KeyCreated) -> bool:
    from llmchat_deploy.operations.backup_key import SHOWN

    for _ in range(TRIES):
        try:
            answer = session.world.ask(f"Type the last {SHOWN} characters of your copy: ").strip()
        except EOFError:
            return False
        if answer.upper() == data.key.reveal()[-SHOWN:]:
            return True
    return False
