"""Which time zone a machine is in."""

from __future__ import annotations

from pathlib import Path

LOCALTIME = Path("/etc/localtime")
"""A link into the time zone database (localtime(5)); some systems have a copy there."""
TIMEZONE = Path("/etc/timezone")
"""Debian's own record of the name."""
DATABASE = "zoneinfo/"


def machine_timezone(localtime: Path = LOCALTIME, record: Path = TIMEZONE) -> str:
    """Return the machine's time zone as IANA names it; ``UTC`` where nobody set one."""
    try:
        _, found, name = str(localtime.readlink()).partition(DATABASE)
    except OSError:
        found, name = "", ""
    if not found:
        try:
            name = record.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            name = ""
    return name if _is_name(name) else "UTC"


def _is_name(name: str) -> bool:
    """Whether this machine's own time zone database knows it."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - asked only where backups are scheduled

    try:
        return bool(name) and bool(ZoneInfo(name).key)
    except (KeyError, ValueError, OSError):
        return False
