"""``backup key``: the key that opens backups."""

from __future__ import annotations

from llmchat_deploy.cli.backup_checks import KeyFile
from llmchat_deploy.cli.key_copy import ask_for_copy
from llmchat_deploy.cli.options import Commands
from llmchat_deploy.cli.session import Session

ABOUT = "Make the key that opens backups, and look after it."


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
    ask_for_copy(session, outcome.data)
    return session.finish(outcome, show_created)


def show_recipient(session: Session) -> int:
    """Print the public key of the one that is kept here, else all that backups are encrypted to."""
    from llmchat_deploy.host import age_keys
    from llmchat_deploy.operations import backup_key as operation
    from llmchat_deploy.output import backup_key_view as view

    world = session.world
    outcome = operation.show_recipient(session.name, world.sources(), world.key_folder(), age_keys)
    return session.finish(outcome, view.show_recipient)


def check(session: Session, key: KeyFile = None) -> int:
    """Try whether the key opens the newest backup; with --key, whether your copy of it does."""
    from llmchat_deploy.cli.keys import identities
    from llmchat_deploy.host import age_keys
    from llmchat_deploy.operations import backup_check as operation
    from llmchat_deploy.output.backup_key_view import show_checked

    keys = identities(session, key)
    outcome = operation.check(session.environment, session.host, session.world.archives(), keys, age_keys)
    return session.finish(outcome, show_checked)


COMMANDS: Commands = {
    "create": (create, "llmchat-deploy backup key create --env production"),
    "check": (
        check,
        """
        llmchat-deploy backup key check --env production
        llmchat-deploy backup key check --key /media/usb/key.txt --env production
        """,
    ),
    "show-recipient": (show_recipient, "llmchat-deploy backup key show-recipient --env production"),
}
