"""A plan: ordered steps with their causes, as a value that can be printed, compared and turned into JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from llmchat_deploy.plan.steps import RecordRelease, RemoveNetwork, RemoveVolume, Step


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done, in order.

    ``notes`` are facts a person should see before agreeing (what is open to whom); ``warnings`` are worse.
    """

    environment: str
    project: str
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    adopts: tuple[str, ...] = ()
    """Data that somebody else put there and that would be used from now on; a person must agree."""
    expected_downtime: float = 0.0
    """Seconds without service, expected."""
    release: str = ""
    """Id of the release that runs afterwards; empty where none will."""
    work: int | None = None
    """How many steps come before those that only take away; None where the record of a release says so."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.steps

    @property
    def leftovers_at(self) -> int:
        """Return the index of the first step that only takes away what was replaced: of ``up``, after its record.

        From there on the service is as it should be.
        """
        if self.work is not None:
            return self.work
        recorded = (index for index, step in enumerate(self.steps, start=1) if isinstance(step, RecordRelease))
        taken = (index for index, step in enumerate(self.steps) if step.sign == "-")
        return next(recorded, next(taken, len(self.steps)))

    @property
    def losses(self) -> tuple[str, ...]:
        """Return what the plan would destroy for good, in the user's words."""
        return tuple(
            f"{step.name}: {step.holds}"
            for step in self.steps
            if isinstance(step, RemoveVolume | RemoveNetwork) and step.holds
        )

    @property
    def is_destructive(self) -> bool:
        """Whether applying the plan loses data."""
        return bool(self.losses)

    def __str__(self) -> str:
        """Return one line a step: sign, title, cause."""
        return "\n".join(f"{step.sign} {step.title} ({step.cause})" for step in self.steps)

    def to_json(self) -> dict[str, Any]:
        """Return the plan for ``--json``; holds no file contents, so nothing secret."""
        return {
            "environment": self.environment,
            "project": self.project,
            "release": self.release,
            "steps": [
                {"action": type(step).__name__, "sign": step.sign, "title": step.title, "cause": step.cause}
                for step in self.steps
            ],
            "notes": list(self.notes),
            "warnings": list(self.warnings),
            "losses": list(self.losses),
            "adopts": list(self.adopts),
            "expected_downtime_seconds": self.expected_downtime,
        }
