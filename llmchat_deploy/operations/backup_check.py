"""Does a key open the backups? Asked before it is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llmchat_deploy.apply.kept import read_shelf
from llmchat_deploy.config.model import Environment
from llmchat_deploy.errors import ArchiveFailed
from llmchat_deploy.host.base import HostReader
from llmchat_deploy.operations.backup_key import AgeKeys
from llmchat_deploy.operations.backup_source import Archives
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.secret import Secret


@dataclass(frozen=True, slots=True)
class KeyChecked:
    """The newest backup, and the public key of the one that opened it; None where it isn't encrypted."""

    environment: str
    backup: str
    encrypted: bool
    recipient: str | None


def check(
    environment: Environment, host: HostReader, archives: Archives, identities: Sequence[Secret], keys: AgeKeys
) -> Outcome[KeyChecked]:
    """Open the beginning of the newest backup.

    Raises ArchiveFailed: ``not_found`` without a backup, ``key_missing`` without a key, ``wrong_key`` where it is
    another one's.
    """
    name = environment.name
    shelf = read_shelf(environment, host)
    if not shelf.backups:
        raise ArchiveFailed(
            f"There is no backup of '{name}' in {shelf.folder} to try the key on.",
            code="not_found",
            hint=f"Make one: llmchat-deploy backup --env {name}",
        )
    newest = shelf.backups[0]
    if not newest.encrypted:
        data = KeyChecked(name, newest.id, encrypted=False, recipient=None)
        warning = f"{newest.id} isn't encrypted: everybody opens it."
        return Outcome("backup key check", data, warnings=(*shelf.warnings, warning))
    if not identities:
        raise ArchiveFailed(
            f"There is no key for the backups of '{name}' here.",
            code="key_missing",
            hint=f"Bring .backup-key.{name} back from its copy, or name it: --key FILE",
        )
    try:
        mine = tuple(keys.public_of(identity.reveal()) for identity in identities)
    except ValueError as error:
        raise ArchiveFailed(
            f"What is kept as the key of '{name}' is none.",
            code="key_missing",
            hint="A letter of it may have got lost: compare it with its copy.",
        ) from error
    try:
        archives.header(f"{shelf.folder}/{newest.archive}", identities)
    except ArchiveFailed as error:
        if error.code != "wrong_key":
            raise
        raise ArchiveFailed(
            f"This key doesn't open {newest.id}: its public key is {', '.join(mine)},"
            f" and the backup is encrypted to {', '.join(newest.recipients)}.",
            code="wrong_key",
            hint="Find the key that belongs to one of these. If it is lost, make a new one and a new backup.",
        ) from error
    recipient = next((each for each in mine if each in newest.recipients), mine[0])
    data = KeyChecked(name, newest.id, encrypted=True, recipient=recipient)
    return Outcome("backup key check", data, warnings=shelf.warnings)
