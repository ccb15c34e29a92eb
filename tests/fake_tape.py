"""The record of every write to the fakes, and where it is cut."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmchat_deploy.errors import DeployError


class Killed(BaseException):
    """The process is gone, as with SIGKILL: no handler of the tool may catch it."""


@dataclass
class Tape:
    """Every write in order, and what shall go wrong.

    ``kill_at`` counts from 1; the write it names is lost, or done with ``kill_after``. ``fail`` maps the
    beginning of a write's description to the error it raises.
    """

    kill_at: int | None = None
    kill_after: bool = False
    fail: dict[str, DeployError] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)

    @contextmanager
    def write(self, what: str) -> Iterator[None]:
        """Note a write and do it, unless it is to fail or to be cut off."""
        self.writes.append(what)
        for beginning, error in self.fail.items():
            if what.startswith(beginning):
                raise error
        last = len(self.writes) == self.kill_at
        if last and not self.kill_after:
            raise Killed(what)
        yield
        if last:
            raise Killed(what)
