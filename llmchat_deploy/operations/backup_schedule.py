"""When backups are made by themselves: set it, clear it, show how it goes."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace

from llmchat_deploy.apply.events import EventSink
from llmchat_deploy.apply.kept import read_shelf
from llmchat_deploy.apply.records import read_recorded
from llmchat_deploy.config import env_text, new_files
from llmchat_deploy.config.load import setting_text
from llmchat_deploy.config.model import Environment
from llmchat_deploy.config.overlay import Overlay
from llmchat_deploy.config.schedule import parse_schedule
from llmchat_deploy.config.sources import Sources
from llmchat_deploy.config.wrong import Wrong
from llmchat_deploy.errors import RefusedError
from llmchat_deploy.host.base import HostReader
from llmchat_deploy.operations import up
from llmchat_deploy.operations.backup_key import KeyFolder
from llmchat_deploy.operations.backup_list import stamp
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.operations.parts import Parts
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.render.systemd import Runner, Units, systemd_units
from llmchat_deploy.render.templates import Templates
from llmchat_deploy.secret import Secret

SCHEDULE = "BACKUP_SCHEDULE"


@dataclass(frozen=True, slots=True)
class ScheduleData:
    """The schedule and how it goes; times ISO 8601 in UTC, None where there is none.

    ``last_ok`` tells of the last run (None while it isn't over), ``last_failure`` what went wrong when one last
    failed. ``changed`` is true where this command wrote the schedule, ``env_file`` names the file.
    """

    environment: str
    schedule: str
    timezone: str
    next_run: str | None
    last_run: str | None
    last_ok: bool | None
    last_failure: str
    last_failure_at: str | None
    changed: bool = False
    env_file: str | None = None
    next_steps: tuple[str, ...] = ()


def show(environment: Environment, host: HostReader) -> Outcome[ScheduleData]:
    """Return the schedule, its next and its last run; raises HostError where the backups can't be read."""
    shelf = read_shelf(environment, host)
    scheduler, scheduled = shelf.scheduler, bool(environment.backup.schedule)
    data = ScheduleData(
        environment=environment.name,
        schedule=environment.backup.schedule,
        timezone=environment.backup.timezone or host.timezone(),
        next_run=stamp(scheduler.next_run) if scheduled else None,
        last_run=stamp(scheduler.last_run),
        last_ok=scheduler.last_ok,
        last_failure=scheduler.failure,
        last_failure_at=stamp(scheduler.failed_at),
        next_steps=_next_steps(environment),
    )
    return Outcome("backup schedule", data, warnings=shelf.warnings)


def scheduled(name: str, sources: Sources) -> str:
    """Return the schedule of an environment as its files say it now."""
    return setting_text(name, sources, "backup", "schedule")


def option_for(schedule: str) -> str:
    """Return the option that sets that schedule, as it is typed."""
    if not schedule:
        return "--off"
    span = schedule.removeprefix("every ")
    return f"--cron {shlex.quote(schedule)}" if span == schedule else f"--every {shlex.quote(span)}"


def with_schedule(name: str, sources: Sources, text: str) -> Overlay:
    """Return the configuration as it will be with that schedule in the env file; an empty one clears it."""
    before = sources.env_file(name)
    if before and before.unreadable:
        raise RefusedError(f"{before.path} can't be read: {before.unreadable}.", hint=f"Mend .env.{name} first.")
    written = env_text.with_variables(before.text if before else new_files.env_file(name, ()), {SCHEDULE: text})
    return Overlay(name, sources, new_env=Secret(written))


def plan(parts: Parts, text: str) -> Plan:
    """Return what ``up`` would do with the new schedule; nothing for an environment that was never deployed.

    Raises RefusedError where something else than the env file says when backups are made.
    """
    environment = parts.environment
    if environment.backup.schedule != text:
        raise RefusedError(
            f"'{environment.backup.schedule}' stays the schedule: --set overrides {SCHEDULE}.",
            hint="Leave --set backup.schedule out.",
        )
    if read_recorded(parts.host) is None:
        return Plan(environment=environment.name, project=environment.project)
    return up.plan(environment, parts.templates, parts.host, parts.engine)


def apply(agreed: Plan, parts: Parts, folder: KeyFolder, events: EventSink, *, text: str) -> Outcome[ScheduleData]:
    """Write the schedule into the env file, then carry out the plan.

    The file comes first: a run that is cut after it is finished by the next ``up``, or by the same command.
    """
    environment, host = parts.environment, parts.host
    folder.set_variables(environment.name, {SCHEDULE: Secret(text)})
    warnings: tuple[str, ...] = ()
    if not agreed.is_empty:
        command = f"backup schedule {option_for(text)}"
        done = up.apply(agreed, environment, parts.templates, host, parts.engine, events, command=command)
        warnings = done.warnings
    shown = show(environment, host)
    steps = shown.data.next_steps
    if read_recorded(host) is None:
        steps = (f"llmchat-deploy up --env {environment.name}", *steps)
    data = replace(shown.data, changed=True, env_file=f".env.{environment.name}", next_steps=steps)
    return Outcome("backup schedule", data, warnings=(*warnings, *shown.warnings))


def units(environment: Environment, templates: Templates, runner: Runner, *, before: str) -> Outcome[Units]:
    """Return a systemd service and timer that make backups in the container's place; nothing is changed.

    ``before`` is the schedule that the container has. Raises RefusedError where there is no schedule to write down.
    """
    schedule = parse_schedule(environment.backup.schedule)
    if isinstance(schedule, Wrong):
        raise RefusedError(f"'{environment.name}' has no schedule to make a timer of.", hint="Add --every or --cron.")
    warning = (
        f"The container {environment.project}-backup makes backups already ({before}). To leave them to the timer:"
        f" llmchat-deploy backup schedule --off --env {environment.name}"
    )
    made = systemd_units(environment, templates, schedule, runner)
    return Outcome("backup schedule", made, warnings=(warning,) if before else ())


def _next_steps(environment: Environment) -> tuple[str, ...]:
    name, backup = environment.name, environment.backup
    if not backup.schedule:
        return (f'llmchat-deploy backup schedule --cron "30 3 * * *" --env {name}',)
    steps = []
    if not backup.keys:
        steps.append(f"Encrypt them, so that they hold the settings too: llmchat-deploy backup key create --env {name}")
    if not backup.remotes:
        steps.append(f"Copy them off this machine: [backup.remotes.NAME] in environments/{name}.toml")
    if not backup.webhook and not backup.ping:
        steps.append(f"Be told when one fails: BACKUP_PING_URL or BACKUP_WEBHOOK_URL in .env.{name}")
    return tuple(steps)
