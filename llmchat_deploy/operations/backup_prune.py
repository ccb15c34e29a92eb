"""Drop the backups that no rule keeps and the data volumes that restores kept, or say which those would be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from llmchat_archive import retention
from llmchat_archive.model import Sidecar
from llmchat_archive.retention import Policy, Verdict, decide, doubts

from llmchat_deploy.apply.audit import audited
from llmchat_deploy.apply.backups import backups_folder
from llmchat_deploy.apply.events import EventSink
from llmchat_deploy.apply.execute import execute
from llmchat_deploy.apply.generations import read_generations
from llmchat_deploy.apply.kept import read_shelf, when
from llmchat_deploy.config.model import Environment
from llmchat_deploy.errors import ExitCode, PlanChanged
from llmchat_deploy.host.base import HostReader
from llmchat_deploy.operations.backup import job_image
from llmchat_deploy.operations.backup_list import copies
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.operations.parts import Parts
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.prune import KeptData, judge_kept_data, removals
from llmchat_deploy.plan.steps import PruneBackups
from llmchat_deploy.render.backup import policy
from llmchat_deploy.render.names import Names

UNCONFIRMED = "no remote has confirmed it yet"


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one backup, and why."""

    id: str
    keep: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PruneData:
    """What was dropped or would be, the newest first; ``remotes`` the same for each place off this machine.

    ``volumes`` are those with earlier data, kept by restores; their ids are their names.
    """

    environment: str
    folder: str
    dry_run: bool
    backups: tuple[Decision, ...]
    remotes: Mapping[str, tuple[Decision, ...]]
    volumes: tuple[Decision, ...] = ()


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
        volumes=_volumes(_kept_data(environment, host)),
    )
    warnings = (*shelf.warnings, *(f"{code}: {text}." for code, text in doubts(facts, now)))
    return Outcome("backup prune", data, warnings=warnings)


def plan(parts: Parts) -> Plan:
    """Return what pruning does; which backups go is found by its job."""
    environment = parts.environment
    image, seen = job_image(parts)
    step = PruneBackups(
        project=environment.project, image=image, timezone=_timezone(environment, parts.host), cause="asked for"
    )
    there = frozenset(volume.name for volume in seen.volumes if volume.ours)
    old = removals(_kept_data(environment, parts.host), there)
    return Plan(environment=environment.name, project=environment.project, steps=(step, *old))


def prune(agreed: Plan, parts: Parts, events: EventSink) -> Outcome[PruneData]:
    """Drop them, here and on the remotes.

    Raises LockHeld while something else is done, PlanChanged where other volumes would go than was agreed on, and
    ArchiveFailed.
    """
    environment, host = parts.environment, parts.host
    with host.lock("backup prune"):
        if plan(parts) != agreed:
            raise PlanChanged(
                "The machine changed since the plan was made; nothing was done.", hint="Run the command again."
            )
        judged = _kept_data(environment, host)
        with audited(host, parts.engine, "backup prune", agreed) as findings:
            execute(agreed, environment, host, parts.engine, events, findings=findings)
    remotes = findings.pruned.get("remotes") or {}
    data = PruneData(
        environment=environment.name,
        folder=backups_folder(environment, host),
        dry_run=False,
        backups=_decisions(findings.pruned),
        remotes={name: _decisions(told) for name, told in remotes.items()},
        volumes=_volumes(judged),
    )
    failed = any("error" in told for told in remotes.values())
    code = ExitCode.ARCHIVE if failed else ExitCode.OK
    return Outcome("backup prune", data, warnings=tuple(findings.warnings), exit_code=code)


def _kept_data(environment: Environment, host: HostReader) -> tuple[KeptData, ...]:
    """Judge the volumes that restores kept; the backups tell whether the clock can be right."""
    now = datetime.fromtimestamp(host.now(), UTC)
    facts = [_fact(backup) for backup in read_shelf(environment, host).backups]
    return judge_kept_data(Names(environment.project), read_generations(host), now, sure=not doubts(facts, now))


def _volumes(judged: tuple[KeptData, ...]) -> tuple[Decision, ...]:
    return tuple(Decision(data.volume, data.keep, (data.reason,)) for data in judged)


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
