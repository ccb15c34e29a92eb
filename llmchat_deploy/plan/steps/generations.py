"""Generations of the data: filled, used, forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from llmchat_deploy.plan.steps.base import BaseStep


@dataclass(frozen=True, slots=True, kw_only=True)
class StageGeneration(BaseStep):
    """Note which generation of the data is about to be filled."""

    generation: int

    @property
    def title(self) -> str:
        return f"note that generation {self.generation} of the data is being made"


@dataclass(frozen=True, slots=True, kw_only=True)
class FillVolume(BaseStep):
    """Restore a backup into a new volume and prove it there, beside what runs."""

    project: str
    volume: str
    image: str
    archive: str
    """File name of the archive."""
    path: str = ""
    """Where the archive lies, outside the backups folder; empty: inside."""
    source: str
    """The backup's id, or the file's name, as people know it."""
    accounts_only: bool = False
    """The archive is one of the guide's: its accounts are added to a copy of the present data."""
    foreign: bool = False
    """The backup may be another environment's."""
    present: str = ""
    """The volume with the present data; only with ``accounts_only``, empty where there is none."""
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"restore {self.source} into {self.volume}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UseGeneration(BaseStep):
    """Record a generation of the data as the current one: from here on, every run goes on with it."""

    generation: int
    source: str
    replaces: bool = False
    """Whether there is data whose place it takes; that is kept for ``restore --undo``."""

    @property
    def title(self) -> str:
        return f"use generation {self.generation} of the data"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetGeneration(BaseStep):
    """Forget a generation of the data whose volume has gone."""

    generation: int
    sign: ClassVar[str] = "-"

    @property
    def title(self) -> str:
        return f"forget generation {self.generation} of the data"
