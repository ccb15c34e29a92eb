"""What ran when, and who did what: ``releases`` and ``audit`` read what every run wrote down."""

from __future__ import annotations

from dataclasses import dataclass

from llmchat_deploy.apply.audit import RunRecord, read_runs
from llmchat_deploy.apply.records import read_recorded
from llmchat_deploy.config.model import Environment
from llmchat_deploy.host.base import HostReader
from llmchat_deploy.operations.outcome import Outcome

SHOWN = 50


@dataclass(frozen=True, slots=True)
class ReleasesData:
    """The runs that led to a release or were to, the newest first; ``current`` is the release that runs."""

    environment: str
    current: str | None
    runs: tuple[RunRecord, ...]


@dataclass(frozen=True, slots=True)
class AuditData:
    """Every run that changed something, the newest first, and the file that holds more of them."""

    environment: str
    file: str
    runs: tuple[RunRecord, ...]


def releases(environment: Environment, host: HostReader) -> Outcome[ReleasesData]:
    """Return the last :data:`SHOWN` runs with a release."""
    recorded = read_recorded(host)
    runs = [run for run in reversed(read_runs(host)) if run.deploys][:SHOWN]
    return Outcome("releases", ReleasesData(environment.name, recorded.release if recorded else None, tuple(runs)))


def audit(environment: Environment, host: HostReader, *, last: int = SHOWN) -> Outcome[AuditData]:
    """Return the last runs of every command that changes something."""
    runs = tuple(reversed(read_runs(host)))[:last]
    return Outcome("audit", AuditData(environment.name, host.state_path("audit.jsonl"), runs))
