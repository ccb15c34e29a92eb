"""The key that opens an environment's backups: made here, kept by its owner, known to nobody else.

A backup is encrypted to public keys (age's recipients, c2sp.org/age); the machine needs no private key to make one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from llmchat_deploy.config.load import setting_text
from llmchat_deploy.config.sources import Sources
from llmchat_deploy.errors import ArchiveFailed, FileIsThere
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.secret import Secret

RECIPIENTS = "BACKUP_RECIPIENTS"
PRIVATE_PREFIX = "AGE-SECRET-KEY-"
SHOWN = 4
"""How many of the key's last characters a person types back."""


class AgeKeys(Protocol):
    """What can be done with keys of age."""

    def new_identity(self) -> tuple[str, str]:
        """Return a new private key and its public one."""

    def public_of(self, private: str) -> str:
        """Return the public key of a private one; raises ValueError where it is none."""


class KeyFolder(Protocol):
    """The project folder, as far as keys are concerned."""

    def read_backup_key(self, environment: str) -> Secret | None:
        """Return the text of ``.backup-key.ENVIRONMENT``, None where there is none."""

    def create_backup_key(self, environment: str, text: Secret) -> None:
        """Write ``.backup-key.ENVIRONMENT``, readable by its owner only; raises FileIsThere where there is one."""

    def backup_key_path(self, environment: str) -> str:
        """Return the absolute path of that file."""

    def set_variables(self, environment: str, values: Mapping[str, Secret]) -> None:
        """Set variables of ``.env.ENVIRONMENT``."""


@dataclass(frozen=True, slots=True)
class KeyCreated:
    """A key that encrypts from now on; ``key`` is shown at a terminal, once."""

    environment: str
    action: Literal["created", "completed"]
    recipient: str
    key_file: str
    env_file: str
    key: Secret
    next_steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecipientData:
    """Who can open the backups that are made now; ``recipient`` is the key's that is kept here, if any is."""

    environment: str
    recipient: str | None
    key_file: str | None
    recipients: tuple[str, ...]


def create(name: str, sources: Sources, folder: KeyFolder, keys: AgeKeys, *, now: str) -> Outcome[KeyCreated]:
    """Make a key, keep it in ``.backup-key.NAME`` and encrypt to it from now on.

    Raises FileIsThere where the environment has one: who overwrites it can't open earlier backups any more. A run that
    was cut between key and env file is finished.
    """
    recipients = recipients_of(name, sources)
    action: Literal["created", "completed"] = "completed"
    key = private_key(name, folder)
    if key:
        recipient = _public(key, name, keys)
        if recipient in recipients:
            raise FileIsThere(
                f"The environment '{name}' has a key already: {folder.backup_key_path(name)}.",
                hint="Without it nobody opens the backups made so far, so it is never overwritten. To change it, keep"
                f" the old one elsewhere, move the file away and take its public key out of {RECIPIENTS}.",
            )
    else:
        text, recipient = keys.new_identity()
        key, action = Secret(text), "created"
        folder.create_backup_key(name, Secret(f"# created: {now}\n# public key: {recipient}\n{text}\n"))
    folder.set_variables(name, {RECIPIENTS: Secret(" ".join((*recipients, recipient)))})
    data = KeyCreated(
        environment=name,
        action=action,
        recipient=recipient,
        key_file=folder.backup_key_path(name),
        env_file=f".env.{name}",
        key=key,
        next_steps=(
            "Keep a copy of the key off this machine, now: if the machine is lost, only that copy opens the backups.",
            f"llmchat-deploy backup --env {name}",
        ),
    )
    return Outcome("backup key create", data)


def show_recipient(name: str, sources: Sources, folder: KeyFolder, keys: AgeKeys) -> Outcome[RecipientData]:
    """Return the public key of the one that is kept here, and all that backups are encrypted to."""
    key = private_key(name, folder)
    recipients = recipients_of(name, sources)
    if not key and not recipients:
        raise _missing(name, folder)
    recipient = _public(key, name, keys) if key else None
    path = folder.backup_key_path(name) if key else None
    data = RecipientData(name, recipient, path, recipients)
    if recipient is None or recipient in recipients:
        return Outcome("backup key show-recipient", data)
    warning = (
        f"Backups aren't encrypted to this key: {RECIPIENTS} doesn't name it."
        f" llmchat-deploy backup key create --env {name} adds it."
    )
    return Outcome("backup key show-recipient", data, warnings=(warning,))


def recipients_of(name: str, sources: Sources) -> tuple[str, ...]:
    """Return the public keys that an environment names, whatever else is wrong with its configuration."""
    return tuple(setting_text(name, sources, "backup", "recipients").replace(",", " ").split())


def private_key(name: str, folder: KeyFolder) -> Secret | None:
    """Return the private key of an environment, None where its file is not here; raises ArchiveFailed for no key."""
    file = folder.read_backup_key(name)
    if file is None:
        return None
    lines = [line.strip() for line in file.reveal().splitlines()]
    found = [line for line in lines if line.startswith(PRIVATE_PREFIX)]
    if not found:
        raise ArchiveFailed(
            f"{folder.backup_key_path(name)} holds no key.",
            code="key_missing",
            hint=f"It is a line that begins with {PRIVATE_PREFIX}: bring it back from its copy.",
        )
    return Secret(found[0])


def require_key(name: str, folder: KeyFolder) -> Secret:
    """Return the private key of an environment; raises ArchiveFailed (key_missing) where it is not here."""
    key = private_key(name, folder)
    if key is None:
        raise _missing(name, folder)
    return key


def _public(key: Secret, name: str, keys: AgeKeys) -> str:
    try:
        return keys.public_of(key.reveal())
    except ValueError as error:
        raise ArchiveFailed(
            f"The key in .backup-key.{name} is damaged.",
            code="wrong_key",
            hint="Bring it back from its copy: not a character may be missing.",
        ) from error


def _missing(name: str, folder: KeyFolder) -> ArchiveFailed:
    return ArchiveFailed(
        f"There is no key for the backups of '{name}' here ({folder.backup_key_path(name)}).",
        code="key_missing",
        hint=f"Bring it back from its copy, or make one: llmchat-deploy backup key create --env {name}",
    )
