"""Names in an archive: which ones there may be, in which order, and how much of each."""

from __future__ import annotations

HEADER = "llmchat-backup.json"
RELEASE = "release.json"
CONFIG = "config"
DATA = "data"
MANIFEST = "manifest.json"

SMALL = 1024**2
"""Bytes of a small member at most."""

MANIFEST_MAX = 256 * 1024**2
MAX_NAME = 1024
MAX_PART = 255
"""Bytes of one name in a folder: NAME_MAX of Linux's file systems."""

MAX_DEPTH = 64

ORDER = (HEADER, RELEASE, CONFIG, DATA, MANIFEST)


def problem(name: str) -> str | None:
    """Say what is wrong with a member's name, None where nothing is. Folders come without their slash."""
    try:
        encoded = name.encode()
    except UnicodeEncodeError:
        return "isn't UTF-8"
    if not name or len(encoded) > MAX_NAME or max(map(len, encoded.split(b"/"))) > MAX_PART:
        return "is empty or too long"
    if "\\" in name or any(ord(character) < 32 or ord(character) == 127 for character in name):  # noqa: PLR2004 - control characters
        return "has a backslash or a control character"
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts):
        return "leads out of the archive"
    if len(parts) > MAX_DEPTH:
        return "is nested too deep"
    return None


def place(name: str, *, folder: bool) -> int | None:
    """Return where a member stands in the order of an archive, None where it doesn't belong there."""
    top, _, rest = name.partition("/")
    if top == DATA:
        return ORDER.index(DATA) if folder or rest else None
    if top == CONFIG:
        return ORDER.index(CONFIG) if rest and "/" not in rest and not folder else None
    return ORDER.index(top) if top in ORDER and not rest and not folder else None


def limit(name: str) -> int | None:
    """Return how many bytes a member may have, None for data."""
    top = name.partition("/")[0]
    return None if top == DATA else MANIFEST_MAX if top == MANIFEST else SMALL
