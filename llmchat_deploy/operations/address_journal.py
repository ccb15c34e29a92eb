"""What the last change of address did, as a small file of the state folder: for going on, and for going back.

It holds no secret: of a value that is one only its place is written down.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from llmchat_deploy.errors import HostError

if TYPE_CHECKING:
    from llmchat_deploy.host.base import Host, HostReader

JOURNAL = "address-change.json"


@dataclass(frozen=True, slots=True)
class Mark:
    """One value that was changed; ``before`` None: it wasn't there; both empty where the value is a secret."""

    file: str
    key: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class Journal:
    """A change from ``old`` to ``new``; ``finished`` is false while it may have been cut."""

    old: str
    new: str
    finished: bool
    marks: tuple[Mark, ...]

    def before(self, file: str, key: str, value: str) -> str | None:
        """Return what ``value`` was before, None where this change didn't write it."""
        found = (mark for mark in self.marks if (mark.file, mark.key, mark.after) == (file, key, value))
        return next((mark.before for mark in found if mark.before), None)

    def touched(self, file: str, key: str) -> bool:
        """Whether the change wrote that value."""
        return any((mark.file, mark.key) == (file, key) for mark in self.marks)


def read_journal(host: HostReader) -> Journal | None:
    """Return the last change, None where there is none; raises HostError where it can't be read."""
    text = host.read_state(JOURNAL)
    if text is None:
        return None
    try:
        data = json.loads(text)
        marks = tuple(Mark(**mark) for mark in data["marks"])
        return Journal(data["old"], data["new"], bool(data["finished"]), marks)
    except (ValueError, KeyError, TypeError) as error:
        path = host.state_path(JOURNAL)
        raise HostError(f"The record {path} can't be read: {error}.", hint="Move it aside and run it again.") from error


def write_journal(host: Host, journal: Journal) -> None:
    """Write the journal durably."""
    host.write_state(JOURNAL, json.dumps(asdict(journal), indent=2, ensure_ascii=False) + "\n")


def drop_journal(host: Host) -> None:
    """Forget the last change: there is nothing to go back to any more."""
    host.remove_state(JOURNAL)
