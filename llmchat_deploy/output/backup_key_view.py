"""What the ``backup key`` commands say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from llmchat_deploy.operations.backup_check import KeyChecked
    from llmchat_deploy.operations.backup_key import KeyCreated, RecipientData
    from llmchat_deploy.output.screen import Screen


def show_key(screen: Screen, data: KeyCreated) -> None:
    """Show the key itself, to be copied; only a person at a terminal gets to see it."""
    err = screen.err
    err.print(Text("Copy this key to a place off this machine (a password manager, paper), now:", style="yellow"))
    err.print()
    err.print(Text(f"  {data.key.reveal()}", style="bold"), soft_wrap=True)
    err.print()


def show_created(screen: Screen, data: KeyCreated) -> None:
    """Say where the key is and what comes next."""
    out = screen.out
    said = "is made" if data.action == "created" else "was there; backups are encrypted to it from now on"
    out.print(Text.assemble(("✓ ", "green"), f"The key for the backups of {data.environment} {said}."))
    out.print(Text.assemble(("  Public key   ", "dim"), data.recipient), soft_wrap=True)
    out.print(Text.assemble(("  Private key  ", "dim"), data.key_file), soft_wrap=True)
    out.print(Text.assemble(("  Written to   ", "dim"), data.env_file), soft_wrap=True)
    for step in data.next_steps:
        screen.advise(step)


def show_checked(screen: Screen, data: KeyChecked) -> None:
    """Say that the key opens the newest backup."""
    if data.encrypted:
        screen.out.print(Text.assemble(("✓ ", "green"), f"The key opens {data.backup}, the newest backup."))
        screen.out.print(Text.assemble(("  Public key  ", "dim"), data.recipient or ""), soft_wrap=True)


def show_recipient(screen: Screen, data: RecipientData) -> None:
    """Print public keys, one to a line, for other programs."""
    for recipient in [data.recipient] if data.recipient else data.recipients:
        screen.plain_line(recipient)
