"""Networks and volumes, and the files that are put there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from llmchat_deploy.plan.steps.base import BaseStep
from llmchat_deploy.render.release import RenderedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateNetwork(BaseStep):
    """Create the network that edge and services share."""

    name: str
    project: str
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"create network {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateVolume(BaseStep):
    """Create a named volume; ``role`` is data, slots, secrets, edge or scratch."""

    name: str
    project: str
    role: str
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"create volume {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFiles(BaseStep):
    """Put a service's files into its volume, owned by the service's user, without touching a host path."""

    volume: str
    service: str
    image: str
    files: tuple[RenderedFile, ...]
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"put {', '.join(file.path.rsplit('/')[-1] for file in self.files)} into {self.volume}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Removal(BaseStep):
    """Remove something by name; ``holds`` says in the user's words what is lost, empty for what can be made again."""

    name: str
    holds: str = ""
    kind: ClassVar[str]
    sign: ClassVar[str] = "-"

    @property
    def title(self) -> str:
        return f"remove {self.kind} {self.name}"


class RemoveNetwork(_Removal):
    """Remove the environment's network, which holds something only where it isn't ours."""

    __slots__ = ()
    kind = "network"


class RemoveVolume(_Removal):
    """Remove a volume."""

    __slots__ = ()
    kind = "volume"
