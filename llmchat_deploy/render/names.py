"""How everything that Docker holds for an environment is called. Names are data: they never change by themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass

from llmchat_deploy.render.release import Slot

SLOTTED = ("backend", "frontend")
"""Services that run in two slots, so that the next release starts beside the present one."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one environment, all derived from its project name."""

    project: str

    @property
    def network(self) -> str:
        """Return the network of edge and services."""
        return self.project

    def data_volume(self, generation: int) -> str:
        """Return the volume with database and attachments; the guide calls it ``backend-db``.

        A restore fills the volume of the next generation, so the one before stays as it was.
        """
        return f"{self.project}_backend-db" + (f"-g{generation}" if generation > 1 else "")

    def generation(self, volume: str) -> int | None:
        """Return which generation of the data a volume is, None where it is no data volume of this environment."""
        first = self.data_volume(1)
        if volume == first:
            return 1
        number = volume.removeprefix(f"{first}-g")
        return int(number) if number != volume and number.isdecimal() else None

    @property
    def slots_volume(self) -> str:
        """Return the volume with the sockets through which the edge reaches the backend slots."""
        return f"{self.project}_slots"

    @property
    def edge_volume(self) -> str:
        """Return the volume with the edge's configuration."""
        return f"{self.project}_edge"

    @property
    def scratch_volume(self) -> str:
        """Return the volume in which a backup's copy of the database lies while it is packed."""
        return f"{self.project}_scratch"

    def secrets_volume(self, digest: str) -> str:
        """Return the volume with the backend's keys; other keys are another volume, so both slots keep theirs."""
        return f"{self.project}_keys-{digest[:12]}"

    def role(self, volume: str) -> str:
        """Return what a volume of that name is for in this environment; empty for a name it never uses."""
        if self.generation(volume) is not None:
            return "data"
        if re.fullmatch(re.escape(f"{self.project}_keys-") + "[0-9a-f]{12}", volume):
            return "secrets"
        fixed = {self.slots_volume: "slots", self.edge_volume: "edge", self.scratch_volume: "scratch"}
        return fixed.get(volume, "")

    def compose_project(self, service: str, slot: Slot | None) -> str:
        """Return the Compose project of a service: each slot is one of its own."""
        return f"{self.project}-{service}-{slot}" if slot else self.project

    def container(self, service: str, slot: Slot | str | None) -> str:
        """Return the container of a service (in a slot)."""
        return f"{self.project}-{service}-{slot}" if slot else f"{self.project}-{service}"
