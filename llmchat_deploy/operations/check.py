"""One thing that ``health`` looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; ``hint`` says what to do where it isn't ok, or what could be better."""

    name: str
    level: Level
    detail: str
    hint: str = ""
