"""Where a value comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provenance:
    """A file and its line (0: not known), an option, or a word such as ``default``."""

    source: str
    line: int = 0

    def __str__(self) -> str:
        """Return it as messages show it, such as ``environments/production.toml:12``."""
        return f"{self.source}:{self.line}" if self.line else self.source


DEFAULT = Provenance("default")
BUNDLED = Provenance("bundled model")
GENERATED = Provenance("generated")
OPTION = Provenance("--set")
