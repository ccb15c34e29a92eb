"""Services: started, proved, restarted and stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from llmchat_deploy.plan.steps.base import BaseStep, label
from llmchat_deploy.plan.steps.edge import SwitchSlots
from llmchat_deploy.render.release import Service, Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrate(BaseStep):
    """Bring the database to the schema of the new release, in a throwaway container of its image."""

    project: str
    service: Service
    data_volume: str
    backed_up: bool = False
    """This run makes a backup of the data right before."""
    offline: Offline | None = None
    """What has to stand aside meanwhile; None where the release before goes on serving."""

    @property
    def title(self) -> str:
        return f"migrate the database{' behind the maintenance page' if self.offline else ''}"


@dataclass(frozen=True, slots=True)
class Offline:
    """How nobody is served while the database changes, and how the release before serves again where that fails."""

    first: tuple[SwitchSlots | StopSlot, ...]
    back: tuple[RestartContainer | WaitHealthy | SwitchSlots, ...]
    """Empty where nothing served before."""
    way_back: str = ""
    """What does so where that fails, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartService(BaseStep):
    """Start a service (in a slot, where it has slots), or bring it back."""

    project: str
    service: Service
    release: str
    slot: Slot | None = None
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"start {label(self.service.name, self.slot)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitHealthy(BaseStep):
    """Wait until a started service is healthy; ``timeout`` in seconds."""

    project: str
    service: str
    timeout: int
    slot: Slot | None = None
    still_serving: Slot | None = None
    """The slot that serves meanwhile, for the message of a failure."""

    @property
    def title(self) -> str:
        return f"wait for {label(self.service, self.slot)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeModel(BaseStep):
    """Ask the default model for one token from inside the backend.

    ``beside`` is the slot that serves now: if it can't chat either, the model server is at fault and not the release.
    """

    project: str
    slot: Slot
    beside: Slot | None
    required: bool

    @property
    def title(self) -> str:
        return "ask the model for a first token"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnsureAdmin(BaseStep):
    """Create the administrator with a generated password, unless there is one."""

    project: str
    slot: Slot
    username: str
    sign: ClassVar[str] = "+"

    @property
    def title(self) -> str:
        return f"create administrator '{self.username}'"


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartContainer(BaseStep):
    """Restart a container in place; its open answers get ``drain`` seconds."""

    name: str
    service: str
    slot: Slot | None
    drain: int

    @property
    def title(self) -> str:
        return f"restart {label(self.service, self.slot)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StopSlot(BaseStep):
    """Let a slot that gets no new requests finish its open answers (at most ``drain`` seconds), then remove it."""

    project: str
    service: str
    slot: Slot
    drain: int
    keep: bool = False
    """Only stop it: it may have to serve again."""
    sign: ClassVar[str] = "-"

    @property
    def title(self) -> str:
        return f"stop {label(self.service, self.slot)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StopService(BaseStep):
    """Remove the containers of a Compose project of ours; its volumes stay."""

    project: str
    service: str
    sign: ClassVar[str] = "-"

    @property
    def title(self) -> str:
        return f"stop {self.service}"
