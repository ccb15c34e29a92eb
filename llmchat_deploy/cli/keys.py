"""The private keys that open encrypted backups, as a command is given them."""

from __future__ import annotations

from pathlib import Path

from llmchat_deploy.cli.session import Session
from llmchat_deploy.errors import ArchiveFailed
from llmchat_deploy.secret import Secret


def identities(session: Session, key_file: Path | None) -> tuple[Secret, ...]:
    """Return the keys of ``--key FILE``, else that of ``.backup-key.NAME``; none where there is no such file.

    An unencrypted backup needs none, so a missing one is found when it is needed. Raises ArchiveFailed for a file
    that can't be read or holds no key.
    """
    from llmchat_deploy.operations.backup_key import PRIVATE_PREFIX, private_key

    if key_file is None:
        kept = private_key(session.name, session.world.key_folder())
        found: tuple[Secret, ...] = (kept,) if kept else ()
    else:
        try:
            lines = key_file.expanduser().read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError, RuntimeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            reason = "nobody of that name has a home" if isinstance(error, RuntimeError) else reason
            raise ArchiveFailed(f"{key_file} can't be read: {reason}.", code="key_missing") from error
        found = tuple(Secret(line.strip()) for line in lines if line.strip().startswith(PRIVATE_PREFIX))
        if not found:
            raise ArchiveFailed(
                f"{key_file} holds no key.",
                code="key_missing",
                hint=f"It is a line that begins with {PRIVATE_PREFIX}.",
            )
    session.screen.hide(found)
    return found
