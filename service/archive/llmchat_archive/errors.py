"""What can be wrong with a backup, its place or its key."""

from __future__ import annotations


class ArchiveError(Exception):
    """An error that a person can do something about: a message, a stable ``code``, and a hint what to do."""

    def __init__(self, message: str, *, code: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint
