"""What a remote knows of one project's backups: their sidecars, which are stored last and removed first."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from llmchat_archive.errors import ArchiveError
from llmchat_archive.model import Sidecar, parse_id
from llmchat_archive.remotes.base import Remote, read_small
from llmchat_archive.store import MAX_SIDECAR

ARCHIVE = re.compile(r"-(\d{8}-\d{6}-\d{4,12})\.tar\.zst(?:\.age)?")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The backups of one project on a remote, by rising sequence, and archives that have no sidecar."""

    sidecars: tuple[Sidecar, ...]
    orphans: tuple[str, ...]


def read_catalogue(remote: Remote, project: str, warn: Callable[[str, str], None]) -> Catalogue:
    """Read every sidecar of a project. One that can't be read is told, and its archive is none of the orphans.

    Raises ArchiveError (remote_failed).
    """
    names = {stored.name for stored in remote.list()}
    sidecars, spoken_for = [], set[str]()
    for name in sorted(names):
        if not (name.startswith(f"{project}-") and name.endswith(".json") and _is_id(name[len(project) + 1 : -5])):
            continue
        spoken_for |= {name[:-5] + ending for ending in (".tar.zst", ".tar.zst.age")}
        try:
            sidecars.append(_parse(read_small(remote, name, MAX_SIDECAR), project, name))
        except ArchiveError as error:
            if error.code == "remote_failed":
                raise
            warn("sidecar_unreadable", f"{name} on the remote '{remote.name}' can't be read: {error}")
    orphans = tuple(sorted(name for name in names - spoken_for if _archive_time(project, name)))
    return Catalogue(tuple(sorted(sidecars, key=lambda sidecar: sidecar.sequence)), orphans)


def is_confirmed(sidecar: Sidecar, name: str) -> bool:
    """Return whether a remote has confirmed the archive that a sidecar describes, not another one of its name."""
    state = sidecar.remotes.get(name)
    return isinstance(state, Mapping) and (state.get("state"), state.get("sha256")) == ("confirmed", sidecar.sha256)


def made_at(project: str, name: str) -> datetime:
    """Return when the backup of an archive without a sidecar was made, as its name says."""
    at = _archive_time(project, name)
    if at is None:
        raise ValueError(name)
    return at


def _archive_time(project: str, name: str) -> datetime | None:
    found = ARCHIVE.fullmatch(name.removeprefix(project)) if name.startswith(project) else None
    return parse_id(found[1])[0] if found and _is_id(found[1]) else None


def _is_id(text: str) -> bool:
    try:
        parse_id(text)
    except ArchiveError:
        return False
    return True


def _parse(raw: bytes, project: str, name: str) -> Sidecar:
    try:
        sidecar = Sidecar.from_json(json.loads(raw))
    except ValueError as error:
        raise ArchiveError("it is no JSON", code="damaged") from error
    own = (f"{project}-{sidecar.id}.json", {f"{project}-{sidecar.id}.tar.zst{end}" for end in ("", ".age")})
    if sidecar.project != project or name != own[0] or sidecar.archive not in own[1]:
        raise ArchiveError("it is of another backup", code="foreign")
    return sidecar
