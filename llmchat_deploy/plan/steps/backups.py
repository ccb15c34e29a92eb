"""Backups: made, read back, tried, sent and removed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from llmchat_deploy.plan.steps.base import BaseStep


@dataclass(frozen=True, slots=True, kw_only=True)
class BackUp(BaseStep):
    """Make a backup of the data as it is, while the service runs."""

    project: str
    data_volume: str
    image: str
    kind: str = "manual"
    """``manual``, ``pre-restore`` or ``pre-update``: the last two are kept for a while whatever the policy says."""
    label: str = ""
    compact: bool = False
    """Leave out the space that deleted rows took, and what stood in it."""
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"back up {self.data_volume}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyBackups(BaseStep):
    """Make the folder of the backups and the lock ready for the container that makes them by schedule."""

    image: str

    @property
    def title(self) -> str:
        return "make the backups folder ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendCopies(BaseStep):
    """Send the backup that was just made to every remote, each checked after it has arrived."""

    project: str
    image: str
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return "send copies of the backup"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyBackups(BaseStep):
    """Read backups back and hold every byte against their manifests."""

    project: str
    image: str
    ids: tuple[str, ...] = ()
    """Those to be read; none: all."""

    @property
    def title(self) -> str:
        return f"read back {', '.join(self.ids) or 'every backup'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill(BaseStep):
    """Restore a backup into a place of its own and start the service on it."""

    project: str
    image: str
    id: str

    @property
    def title(self) -> str:
        return f"restore {self.id} into a place of its own"


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneBackups(BaseStep):
    """Remove the backups that no rule keeps, here and on the remotes."""

    project: str
    image: str
    timezone: str
    """Where days end, as IANA names it."""
    sign: ClassVar[str] = "-"

    @property
    def title(self) -> str:
        return "remove the backups that no rule keeps"
