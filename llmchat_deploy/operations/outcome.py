"""What every command returns: shown as text or as JSON in one place, ``output``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from llmchat_deploy.errors import ExitCode

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """The result of one command.

    ``data`` is a frozen dataclass of the command's own; ``warnings`` are sentences for people; a command that failed
    raises instead of returning, unless it has data worth showing (``health``), then ``exit_code`` tells.
    """

    command: str
    data: T
    warnings: tuple[str, ...] = ()
    exit_code: ExitCode = ExitCode.OK
