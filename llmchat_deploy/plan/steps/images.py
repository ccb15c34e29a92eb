"""Images: where they come from, and where they go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from llmchat_deploy.plan.steps.base import BaseStep
from llmchat_deploy.render.release import Image


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeBase(BaseStep):
    """Make the base image from the distribution's packages, where no registry answers."""

    tag: str
    script: str
    """Path of ``service/base/make-base`` on this machine."""
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"make base image {self.tag}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PullBase(BaseStep):
    """Pull the base image from a registry."""

    reference: str
    instead: MakeBase | None = None
    """What is made where the registry answers but doesn't deliver; None where nothing stands in."""
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"pull base image {self.reference}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteBase(BaseStep):
    """Note that images stand on a newer base from a day on: before it is had (``came`` is false), and once it came."""

    stamp: str
    reference: str
    came: bool

    @property
    def title(self) -> str:
        return f"note that images stand on a base {'of' if self.came else 'to be made'} {self.stamp}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildImage(BaseStep):
    """Build one image on the base image; a ``fresh`` one takes nothing from the build cache."""

    image: Image
    base: str
    context: str
    fresh: bool = False
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"build image {self.image.tag}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveImage(BaseStep):
    """Remove an image of ours, by its name or (a nameless one) its id; one that is in use by then stays."""

    reference: str
    sign: ClassVar[str] = "-"

    @property
    def title(self) -> str:
        return f"remove image {self.reference.removeprefix('sha256:')[:40]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneCache(BaseStep):
    """Bound the build cache: what no build has used for ``unused_hours`` goes, until it is ``keep_bytes`` large."""

    keep_bytes: int
    unused_hours: int
    sign: ClassVar[str] = "-"

    @property
    def title(self) -> str:
        return f"bound the build cache at {self.keep_bytes >> 30} GB"
