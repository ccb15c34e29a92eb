"""Archives that are only known by what they say of themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from llmchat_archive.model import Header

from llmchat_deploy.errors import ArchiveFailed
from llmchat_deploy.secret import Secret


@dataclass
class FakeArchives:
    """Implement :class:`llmchat_deploy.operations.backup_source.Archives` in memory."""

    headers: dict[str, Header | None] = field(default_factory=dict)
    """Absolute path -> whose it is; None for one of the guide's."""
    carried: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Absolute path -> profile and env file in it."""
    key: str = ""
    """The key that opens them; empty: none is needed."""

    def is_file(self, path: str) -> bool:
        return path in self.headers

    def absolute(self, path: str) -> str:
        return path

    def header(self, path: str, identities: Sequence[Secret]) -> Header | None:
        self._open(identities)
        return self.headers[path]

    def settings(self, path: str, identities: Sequence[Secret], environment: str) -> tuple[str, str] | None:
        self._open(identities)
        return self.carried.get(path)

    def _open(self, identities: Sequence[Secret]) -> None:
        if self.key and self.key not in [identity.reveal() for identity in identities]:
            raise ArchiveFailed("The key doesn't open it.", code="wrong_key")


def a_header(number: int = 1, project: str = "llmchat-test") -> Header:
    return Header(
        id=f"20261125-101500-{number:04}",
        project=project,
        environment=project.removeprefix("llmchat-"),
        kind="manual",
        created_at="2026-11-25T10:15:00+00:00",
        encrypted=False,
    )
