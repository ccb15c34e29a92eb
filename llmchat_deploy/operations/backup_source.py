"""Which backup a person means: the latest, an id, or a file."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import PurePath
from typing import Protocol

from llmchat_archive.model import Header, Sidecar

from llmchat_deploy.apply.backups import PRE_RESTORE, backups_folder
from llmchat_deploy.apply.kept import read_shelf
from llmchat_deploy.config.model import Environment
from llmchat_deploy.errors import ArchiveFailed
from llmchat_deploy.host.base import HostReader
from llmchat_deploy.plan.restore import Source
from llmchat_deploy.secret import Secret

LATEST = "latest"


class Archives(Protocol):
    """Archives on this machine, as far as a plan must look into them."""

    def is_file(self, path: str) -> bool:
        """Say whether there is a file of that name."""

    def absolute(self, path: str) -> str:
        """Return a path as seen from anywhere."""

    def header(self, path: str, identities: Sequence[Secret]) -> Header | None:
        """Read whose backup an archive is, None for one of the guide's; raises ArchiveFailed."""

    def settings(self, path: str, identities: Sequence[Secret], environment: str) -> tuple[str, str] | None:
        """Verify an archive and return profile and env file from it, None where it has none; raises ArchiveFailed."""


def find_source(  # noqa: PLR0913 - who looks, where and for what
    named: str,
    environment: Environment,
    host: HostReader,
    archives: Archives,
    identities: Sequence[Secret],
    *,
    foreign: bool = False,
) -> Source:
    """Return the backup that ``named`` means. Raises ArchiveFailed before anything would change.

    Its beginning is read, so a wrong key is found here; ``foreign`` allows another environment's backup.
    """
    folder = backups_folder(environment, host)
    path = ""
    if is_path(named, archives):
        path = archives.absolute(named)
    else:
        path = f"{folder}/{find_backup(named, environment, host).archive}"
    header = archives.header(path, identities)
    if header and header.project != environment.project and not foreign:
        raise ArchiveFailed(
            f"This is a backup of '{header.project}', not of '{environment.project}'.",
            code="foreign",
            hint="--foreign restores it all the same: its users and chats take the place of this environment's.",
        )
    place = PurePath(path)
    return Source(
        name=header.id if header else place.name,
        archive=place.name,
        path="" if place.parent == PurePath(archives.absolute(folder)) else path,
        accounts_only=header is None,
        foreign=foreign,
    )


def is_path(named: str, archives: Archives) -> bool:
    """Say whether a person named a file and no backup of the list: ids hold neither dots nor slashes."""
    return ("/" in named or "." in named) and archives.is_file(named)


def find_backup(named: str, environment: Environment, host: HostReader) -> Sidecar:
    """Return the record of a backup in the folder: by id or number, or the latest verified; raises ArchiveFailed.

    What a restore put by of the data it replaced is never the latest: else a restore that was cut or failed would bring
    back, when it is run again, what it was to replace.
    """
    shelf = read_shelf(environment, host)
    if named == LATEST:
        for each in shelf.backups:
            if each.verified_at and each.kind != PRE_RESTORE:
                return each
        raise ArchiveFailed(
            f"There is no verified backup of '{environment.name}' in {shelf.folder}.",
            code="not_found",
            hint=f"Make one: llmchat-deploy backup --env {environment.name}. Or name a file.",
        )
    number = int(named) if named.isascii() and named.isdecimal() else None
    for each in shelf.backups:
        if named in {each.id, each.archive} or number == each.sequence:
            return each
    near = get_close_matches(named, [each.id for each in shelf.backups], n=1)
    raise ArchiveFailed(
        f"There is no backup '{named}' in {shelf.folder}, and no file of that name here.",
        code="not_found",
        hint=f"Did you mean {near[0]}?" if near else f"List them: llmchat-deploy backup list --env {environment.name}",
    )
