"""Where configuration text comes from, as the loader sees it.

The loader reads nothing itself: it is given texts, each with the path that messages show.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

BASE = "base"
"""The profile that all others stand on; no environment has its name."""
_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")


def is_environment_name(name: str) -> bool:
    """Whether an environment can have this name: one that files, containers and networks can all have."""
    return bool(_NAME.fullmatch(name)) and name != BASE


def project_name(name: str) -> str:
    """Return the base name of everything an environment has, on the machine and in Docker."""
    return f"llmchat-{name}"


@dataclass(frozen=True, slots=True)
class SourceText:
    """A file's text.

    ``path`` is what messages show, relative to the project folder. Where the file is there but can't be read,
    ``text`` is empty and ``unreadable`` says why. ``mode`` holds the permission bits, None where they mean nothing.
    """

    path: str
    text: str
    unreadable: str = ""
    mode: int | None = None

    def __repr__(self) -> str:
        """Leave the text out: an env file holds secrets."""
        return f"SourceText({self.path!r}, {len(self.text)} characters)"


class Sources(Protocol):
    """The files of one project folder, and those the tool ships."""

    def profiles(self) -> tuple[str, ...]:
        """Return the names of the environments that have a profile, sorted."""

    def profile(self, name: str) -> SourceText | None:
        """Return ``environments/NAME.toml``: the project's own, else the shipped one."""

    def base(self) -> SourceText:
        """Return ``environments/base.toml``, which every profile stands on."""

    def env_file(self, name: str) -> SourceText | None:
        """Return ``.env.NAME`` of the project folder."""

    def env_files(self) -> tuple[str, ...]:
        """Return the names of the environments that have an env file, sorted."""

    def file(self, path: str) -> SourceText | None:
        """Return a file that a setting names, its ``path`` made absolute, or None where there is none."""
