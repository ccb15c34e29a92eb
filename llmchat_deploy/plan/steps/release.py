"""What is remembered: secrets, and which release runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from llmchat_deploy.plan.reach import Urls
from llmchat_deploy.plan.steps.base import BaseStep
from llmchat_deploy.render.release import RenderedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveSecrets(BaseStep):
    """Write the generated secrets into the environment's env file (0600)."""

    names: tuple[str, ...]
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"save generated secrets {', '.join(self.names)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRelease(BaseStep):
    """Write the release's Compose files where Compose and people read them; nothing secret is among them."""

    release: str
    digest: str
    files: tuple[RenderedFile, ...]
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"store release {self.release}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRelease(BaseStep):
    """Record the release as the one that runs; what follows only takes away what it has replaced."""

    project: str
    release: str
    digest: str
    volumes: tuple[str, ...]
    images: tuple[tuple[str, str], ...] = ()
    """Service and the tag of its image."""
    keep_releases: int = 0
    """Of how many releases the images stay: other environments must know that."""
    urls: Urls | None = None
    """Where it is reached: the files may name other addresses by the time somebody looks."""

    @property
    def title(self) -> str:
        return f"record release {self.release}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetRelease(BaseStep):
    """Forget the recorded release, because its data is gone."""

    project: str
    sign: ClassVar[str] = "-"

    @property
    def title(self) -> str:
        return "forget the recorded release"
