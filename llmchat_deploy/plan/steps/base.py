"""What all steps share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from llmchat_deploy.render.release import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseStep:
    """What all steps share."""

    cause: str
    way_back: str = ""
    """What brings back what was there before, where the step fails; empty where that was never left."""
    undo: tuple[str, ...] = ()
    """Containers that go where the step fails: they are new, and get no requests yet."""
    sign: ClassVar[str] = "~"

    @property
    def title(self) -> str:
        """Say in a few words what the step does."""
        raise NotImplementedError


def label(service: str, slot: Slot | None) -> str:
    """Name a service and its slot as people read it, such as ``backend (slot a)``."""
    return f"{service} (slot {slot})" if slot else service
