"""What a job has told, kept for the test."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Told:
    """Implements the port of events."""

    steps: list[tuple[str, int, int]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)

    def progress(self, stage: str, done: int, total: int) -> None:
        self.steps.append((stage, done, total))

    def warning(self, code: str, message: str) -> None:
        self.warnings.append((code, message))

    def stages(self) -> dict[str, tuple[int, int]]:
        """Return the last step of each stage, in order."""
        return {stage: (done, total) for stage, done, total in self.steps}
