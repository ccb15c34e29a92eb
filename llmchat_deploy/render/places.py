"""What rendering must know of the machine: which data is current, and which folders are shared with containers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Places:
    """The recorded state and the folders of one environment on one machine.

    ``generation`` counts from 1: a restore fills the volume of the next one (decision 0011). ``backups`` and ``lock``
    are absolute paths on the machine; empty where nothing is to be mounted.
    """

    generation: int = 1
    backups: str = ""
    lock: str = ""
    timezone: str = ""
    """The machine's own, as IANA names it; only where backups are scheduled."""
    base: str = ""
    """The day since when images stand on a newer base; empty: on the first one."""


FIRST = Places()
"""Where nothing was ever restored, and nothing is shared."""
