"""Drop the backups that no rule keeps, or say which those would be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from llmchat_archive import retention
from llmchat_archive.model import Sidecar
from llmchat_archive.retention import Policy, Verdict, decide, doubts

from llmchat_deploy.apply.backups import backups_folder
from llmchat_deploy.apply.events import EventSink
from llmchat_deploy.apply.execute import execute
from llmchat_deploy.apply.kept import read_shelf, when
from llmchat_deploy.config.model import Environment
from llmchat_deploy.errors import ExitCode
from llmchat_deploy.host.base import HostReader
from llmchat_deploy.operations.backup import job_image
from llmchat_deploy.operations.backup_list import copies
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.operations.parts import Parts
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.steps import PruneBackups
from llmchat_deploy.render.backup import policy

UNCONFIRMED = "no remote has confirmed it yet"


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one backup, and why."""

    id: str
    keep: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PruneData:
    """What was dropped or would be, the newest first; ``remotes`` the same for each place off this machine."""

    environment: str
    folder: str
    dry_run: bool
    backups: tuple[Decision, ...]
    remotes: Mapping[str, tuple[Decision, ...]]


def preview(environment: Environment, host: HostReader) -> Outcome[PruneData]:
    """Return what pruning would do on this machine; changes nothing and needs no Docker."""
    shelf = read_shelf(environment, host)
    now = datetime.fromtimestamp(host.now(), UTC)
    rules = Policy.from_json(policy(environment.backup), _timezone(environment, host))
    known = {backup.id: backup for backup in shelf.backups}
    facts = [_fact(backup) for backup in shelf.backups]
    verdicts = [_unless_alone(environment, verdict, known[verdict.id]) for verdict in decide(facts, rules, now)]
    data = PruneData(
        environment=environment.name,
        folder=shelf.folder,
        dry_run=True,
        backups=tuple(Decision(verdict.id, verdict.keep, verdict.reasons) for verdict in verdicts),
        remotes={},
    )
    warnings = (*shelf.warnings, *(f"{code}: {text}." for code, text in doubts(facts, now)))
    return Outcome("backup prune", data, warnings=warnings)


def prune(parts: Parts, events: EventSink) -> Outcome[PruneData]:
    """Drop them, here and on the remotes. Raises LockHeld while something else is done, ArchiveFailed."""
    environment, host = parts.environment, parts.host
    image, _ = job_image(parts)
    step = PruneBackups(
        project=environment.project, image=image, timezone=_timezone(environment, host), cause="asked for"
    )
    with host.lock("backup prune"):
        plan = Plan(environment=environment.name, project=environment.project, steps=(step,))
        findings = execute(plan, environment, host, parts.engine, events)
    remotes = findings.pruned.get("remotes") or {}
    data = PruneData(
        environment=environment.name,
        folder=backups_folder(environment, host),
        dry_run=False,
        backups=_decisions(findings.pruned),
        remotes={name: _decisions(told) for name, told in remotes.items()},
    )
    failed = any("error" in told for told in remotes.values())
    code = ExitCode.ARCHIVE if failed else ExitCode.OK
    return Outcome("backup prune", data, warnings=tuple(findings.warnings), exit_code=code)


def _timezone(environment: Environment, host: HostReader) -> str:
    return environment.backup.timezone or host.timezone()


def _fact(backup: Sidecar) -> retention.Backup:
    return retention.Backup(
        id=backup.id,
        sequence=backup.sequence,
        kind=backup.kind,
        created_at=when(backup.created_at) or datetime.max.replace(tzinfo=UTC),
        verified=backup.verified_at is not None,
        pinned=backup.pinned,
    )


def _unless_alone(environment: Environment, verdict: Verdict, backup: Sidecar) -> Verdict:
    """Keep a verified backup that ought to be elsewhere too and isn't yet, as the job does."""
    waits = environment.backup.remotes and backup.verified_at and "confirmed" not in copies(backup).values()
    return replace(verdict, keep=True, reasons=(UNCONFIRMED,)) if waits and not verdict.keep else verdict


def _decisions(told: Mapping[str, Any]) -> tuple[Decision, ...]:
    return tuple(Decision(item["id"], item["keep"], tuple(item["reasons"])) for item in told.get("backups") or ())
