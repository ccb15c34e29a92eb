"""Make a backup while the service runs, read backups back, and prove that they can be restored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from llmchat_deploy.apply import backups
from llmchat_deploy.apply.audit import audited
from llmchat_deploy.apply.events import EventSink
from llmchat_deploy.apply.execute import execute
from llmchat_deploy.apply.generations import refuse_unknown_generation
from llmchat_deploy.apply.observe import observe_running
from llmchat_deploy.apply.places import places_of
from llmchat_deploy.config.model import Environment
from llmchat_deploy.errors import DeployError, ExitCode, RefusedError
from llmchat_deploy.host.base import Host
from llmchat_deploy.operations.backup_source import LATEST, find_backup
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.operations.parts import Parts
from llmchat_deploy.plan.observed import ObservedState
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.steps import BackUp, Drill, SendCopies, Step, VerifyBackups
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.render import render_release
from llmchat_deploy.secret import Secret

ALL = "all"


@dataclass(frozen=True, slots=True)
class BackupData:
    """A backup that was made; ``file`` is its absolute path, ``copies`` what became of each remote."""

    environment: str
    backup: dict[str, Any]
    file: str
    copied_to: str | None
    copies: dict[str, Any]


@dataclass(frozen=True, slots=True)
class VerifyData:
    """Each backup that was read back: ``id``, ``ok``, ``code``, ``message``, ``hint``, ``verified_at``."""

    environment: str
    backups: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class DrillData:
    """The restore that was proved: ``id``, ``seconds``, ``rows`` by table."""

    environment: str
    drill: dict[str, Any]


def plan(parts: Parts, *, label: str = "", compact: bool = False) -> Plan:
    """Return the plan of a backup. Raises RefusedError where there is nothing to back up, or nothing to do it with."""
    environment = parts.environment
    image, seen = job_image(parts)
    volume = Names(environment.project).data_volume(seen.generations.current)
    if not seen.has_volume(volume):
        raise RefusedError(
            f"There is no data of '{environment.name}' to back up: the volume {volume} isn't there.",
            hint=f"llmchat-deploy up --env {environment.name} starts one.",
        )
    step = BackUp(
        project=environment.project, data_volume=volume, image=image, label=label, compact=compact, cause="asked for"
    )
    if not environment.backup.remotes:
        return _plan(environment, step)
    return _plan(
        environment,
        step,
        SendCopies(project=environment.project, image=image, cause="a backup on this machine dies with it"),
    )


def make(agreed: Plan, parts: Parts, events: EventSink, *, to: str | None = None) -> Outcome[BackupData]:
    """Make the backup under the lock; ``to`` is a folder that gets a copy of it, with what describes it."""
    environment, host = parts.environment, parts.host
    with host.lock("backup"):
        with audited(host, parts.engine, "backup", agreed) as findings:
            execute(agreed, environment, host, parts.engine, events, findings=findings)
        made = findings.backup or {}
        folder = backups.backups_folder(environment, host)
        if to is not None:
            _copy(made, environment, host, folder, to)
    warnings = [*findings.warnings]
    if not made["encrypted"]:
        warnings.append(
            "not_encrypted: This backup isn't encrypted: whoever gets the file reads every chat, and it holds no"
            f" settings. llmchat-deploy backup key create --env {environment.name} makes a key."
        )
    data = BackupData(environment.name, made, f"{folder}/{made['archive']}", to, findings.copies)
    failed = any(copy["state"] != "confirmed" for copy in findings.copies.values())
    return Outcome("backup", data, tuple(warnings), ExitCode.ARCHIVE if failed else ExitCode.OK)


def _copy(made: dict[str, Any], environment: Environment, host: Host, folder: str, to: str) -> None:
    """Copy a backup elsewhere; what describes it comes last, there as here."""
    try:
        for name in (made["archive"], f"{environment.project}-{made['id']}.json"):
            host.copy_file(f"{folder}/{name}", f"{to}/{name}", mode=0o640)
    except DeployError as error:
        kept = f"The backup {made['id']} itself is made and verified: {folder}/{made['archive']}"
        error.details = (*error.details, kept)
        raise


def verify(
    named: Sequence[str], parts: Parts, events: EventSink, identities: tuple[Secret, ...]
) -> Outcome[VerifyData]:
    """Read backups back, every byte; where none is named the latest, for ``all`` each of them."""
    environment, host = parts.environment, parts.host
    image, _ = job_image(parts)
    ids = () if ALL in named else tuple(find_backup(each, environment, host).id for each in named or (LATEST,))
    step = VerifyBackups(project=environment.project, image=image, ids=ids, cause="asked for")
    with host.lock("backup verify"):
        findings = execute(_plan(environment, step), environment, host, parts.engine, events, identities=identities)
    failed = any(not result["ok"] for result in findings.verified)
    return Outcome(
        "backup verify",
        VerifyData(environment.name, tuple(findings.verified)),
        tuple(findings.warnings),
        ExitCode.ARCHIVE if failed else ExitCode.OK,
    )


def drill(named: str, parts: Parts, events: EventSink, identities: tuple[Secret, ...]) -> Outcome[DrillData]:
    """Restore a backup into a place of its own, start the service on it, and note that it can be done."""
    environment, host = parts.environment, parts.host
    image, _ = job_image(parts)
    step = Drill(
        project=environment.project,
        image=image,
        id=find_backup(named, environment, host).id,
        cause="a backup is as good as its last restore",
    )
    with host.lock("backup drill"):
        findings = execute(_plan(environment, step), environment, host, parts.engine, events, identities=identities)
    return Outcome("backup drill", DrillData(environment.name, findings.drill or {}), tuple(findings.warnings))


def _plan(environment: Environment, *steps: Step) -> Plan:
    return Plan(environment=environment.name, project=environment.project, steps=steps)


def job_image(parts: Parts) -> tuple[str, ObservedState]:
    """Return the image of the backend that is there: it knows its own database, and is on the machine already."""
    environment = parts.environment
    seen = observe_running(environment, parts.host, parts.engine)
    refuse_unknown_generation(environment.project, seen.generations, seen.volumes)
    running = [item.image for item in seen.containers if item.service == "backend"]
    backend = render_release(environment, parts.templates, places_of(environment, parts.host)).service("backend")
    candidates = (*running, *((backend.image.tag,) if backend else ()))
    present = parts.engine.images(candidates)
    for image in candidates:
        if image in present:
            return image, seen
    raise RefusedError(
        f"The backend's image of '{environment.name}' isn't on this machine; it does the work on backups.",
        hint=f"llmchat-deploy up --env {environment.name} builds it.",
    )
