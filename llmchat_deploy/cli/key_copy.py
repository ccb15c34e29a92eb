"""Have a person say that there is a copy of a new key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmchat_deploy.cli.session import Session

if TYPE_CHECKING:
    from llmchat_deploy.operations.backup_key import KeyCreated

TRIES = 3
UNCOPIED = "Nobody has said that there is a copy of the key off this machine: without it, backups die with the machine."


def ask_for_copy(session: Session, data: KeyCreated) -> None:
    """Have the key's last characters typed back; warn where nobody does. ``--yes`` says that there is a copy."""
    if not session.options.yes and not (session.interactive and _typed_back(session, data)):
        session.screen.warn(UNCOPIED)


def _typed_back(session: Session, data: KeyCreated) -> bool:
    from llmchat_deploy.cli.command import Interrupted
    from llmchat_deploy.operations.backup_key import SHOWN

    for _ in range(TRIES):
        try:
            answer = session.world.ask(f"Type the last {SHOWN} characters of your copy: ").strip()
        except EOFError:
            return False
        except KeyboardInterrupt:  # "run it again" would be wrong: a key that is there is refused
            check = f"llmchat-deploy backup key check --key COPY --env {session.name}"
            hint = f"Copy it off this machine; try the copy: {check}"
            raise Interrupted(f"Interrupted. The key is made: {data.key_file}.", hint=hint) from None
        if answer.upper() == data.key.reveal()[-SHOWN:]:
            return True
    return False
