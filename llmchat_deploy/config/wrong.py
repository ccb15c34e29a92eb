"""What a rule says about a value that can't be used."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a value can't be used and what to write instead; never the value of a secret."""

    message: str
    hint: str = ""
