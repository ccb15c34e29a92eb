"""Restore: bring data back beside what is used, prove it, switch to it, and go back by itself where that fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from llmchat_deploy.apply.audit import audited
from llmchat_deploy.apply.events import EventSink
from llmchat_deploy.apply.execute import execute
from llmchat_deploy.apply.generations import drop_record, forget, put_back, read_generations, refuse_unknown_generation
from llmchat_deploy.apply.observe import observe, observe_running
from llmchat_deploy.apply.places import places_of
from llmchat_deploy.apply.run import Findings
from llmchat_deploy.errors import DeployError, PlanChanged, RefusedError
from llmchat_deploy.operations import up
from llmchat_deploy.operations.compose_check import require_compose
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.operations.parts import Parts
from llmchat_deploy.plan.observed import Generations, ObservedState
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.reach import Urls, public_urls
from llmchat_deploy.plan.restore import Source, next_generation, restore_steps, undo_generation, undo_steps
from llmchat_deploy.plan.steps import RemoveVolume, StageGeneration, UseGeneration
from llmchat_deploy.plan.up import DataSteps, UpOptions, plan_up
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.release import Release
from llmchat_deploy.render.render import render_release
from llmchat_deploy.render.slots import render_slots
from llmchat_deploy.secret import Secret


@dataclass(frozen=True, slots=True)
class RestoreData:
    """What is used now, and what it took the place of.

    ``backup`` is what the restored backup said of itself, None after ``--undo``; ``safety`` is the id of the backup
    made of what was there before, None where there was nothing or it couldn't be read; ``admin`` the administrator
    that was made because the data brought none.
    """

    environment: str
    source: str
    generation: int
    volume: str
    kept_volume: str | None
    safety: str | None
    backup: dict[str, Any] | None
    urls: Urls
    admin: up.AdminCreated | None = None


Planner = Callable[[Parts], Plan]


def plan(parts: Parts, source: Source) -> Plan:
    """Return what restoring ``source`` would do; changes nothing."""
    names = Names(parts.environment.project)
    seen = _seen(parts)
    generation = next_generation(names, seen)
    return _plan(parts, generation, lambda release, observed: restore_steps(release, observed, generation, source))


def plan_undo(parts: Parts) -> Plan:
    """Return what going back to the data before the last restore would do; changes nothing."""
    generation = undo_generation(Names(parts.environment.project), _seen(parts))
    return _plan(parts, generation, lambda _release, _observed: undo_steps(generation))


def plan_use(parts: Parts, volume: str) -> Plan:
    """Return what using a data volume that is there would do: the way out where the record of it is gone."""
    names = Names(parts.environment.project)
    seen = observe_running(parts.environment, parts.host, parts.engine)
    generation = names.generation(volume)
    if generation is None or not seen.has_volume(volume):
        there = ", ".join(item.name for item in seen.volumes if names.generation(item.name)) or "none"
        raise RefusedError(
            f"{volume} is no data volume of '{parts.environment.name}'.", hint=f"Those that are there: {there}."
        )
    use = UseGeneration(
        generation=generation, source=volume, replaces=generation != seen.generations.current, cause="--use-volume"
    )
    return _plan(parts, generation, lambda _release, _observed: DataSteps(after=(use,), brings_admin=True))


def apply(  # noqa: PLR0913 - what is done, and as what it is known
    agreed: Plan,
    planned: Planner,
    parts: Parts,
    events: EventSink,
    identities: tuple[Secret, ...] = (),
    *,
    about: str = "",
) -> Outcome[RestoreData]:
    """Carry out the agreed plan under the lock; where it fails, the data that was used is used again.

    Raises PlanChanged where the machine changed meanwhile, and what the failing step raised.
    """
    before, findings = carry_out(agreed, planned, parts, events, identities, about=about)
    return Outcome("restore", _data(parts, before, findings), warnings=tuple(findings.warnings))


def carry_out(  # noqa: PLR0913 - what is done, and as what it is known
    agreed: Plan,
    planned: Planner,
    parts: Parts,
    events: EventSink,
    identities: tuple[Secret, ...],
    *,
    command: str = "restore",
    about: str = "",
) -> tuple[Generations, Findings]:
    """Do as :func:`apply` says and return the generations that were known before, and what was found."""
    require_compose(parts.host)
    with parts.host.lock(f"{command} {about}".strip()):
        if planned(parts) != agreed:
            raise PlanChanged(
                "The machine changed since the plan was made; nothing was done.", hint="Run the command again."
            )
        before = read_generations(parts.host)
        context = parts.templates.context
        with audited(parts.host, parts.engine, command, agreed, context=context, about=about) as findings:
            _carry_out(agreed, parts, before, events, identities, findings)
    return before, findings


def _carry_out(  # noqa: PLR0913, PLR0917 - what is done, and what was before
    agreed: Plan,
    parts: Parts,
    before: Generations,
    events: EventSink,
    identities: tuple[Secret, ...],
    findings: Findings,
) -> None:
    try:
        execute(agreed, parts.environment, parts.host, parts.engine, events, identities=identities, findings=findings)
    except DeployError as error:
        error.details = (*error.details, _gone_back(agreed, parts, before, events))
        raise
    except KeyboardInterrupt:
        _gone_back(agreed, parts, before, events)
        raise


def _seen(parts: Parts) -> ObservedState:
    seen = observe_running(parts.environment, parts.host, parts.engine)
    refuse_unknown_generation(parts.environment.project, seen.generations, seen.volumes)
    return seen


def _plan(parts: Parts, generation: int, data: Callable[[Release, ObservedState], DataSteps]) -> Plan:
    environment, templates = parts.environment, parts.templates
    places = replace(places_of(environment, parts.host), generation=generation)
    release = render_release(environment, templates, places)
    observed = observe(environment, release, parts.host, parts.engine)
    return plan_with(parts, release, observed, data(release, observed))


def plan_with(
    parts: Parts, release: Release, observed: ObservedState, steps: DataSteps, options: UpOptions = up.DEFAULT_OPTIONS
) -> Plan:
    """Return the plan that brings a release to run, on other data where ``steps`` bring some."""
    environment, templates = parts.environment, parts.templates
    gone = {step.name for step in steps.before if isinstance(step, RemoveVolume)}
    observed = replace(observed, volumes=tuple(item for item in observed.volumes if item.name not in gone))
    planned = plan_up(environment, release, observed, lambda slots: render_slots(templates, slots), options, steps)
    kept = Names(environment.project).data_volume(observed.generations.current)
    if observed.has_volume(kept) and kept != release.data_volume:
        note = f"What is there now stays in the volume {kept}: llmchat-deploy restore --undo goes back to it."
        planned = replace(planned, notes=(*planned.notes, note))
    return planned


def _gone_back(agreed: Plan, parts: Parts, before: Generations, events: EventSink) -> str:
    """Use the data again that was used before, and say so; a failure here is told with what to run.

    Only what this run has filled is removed: a volume that a person chose, or went back to, stays.
    """
    now = read_generations(parts.host)
    filled = next((step.generation for step in agreed.steps if isinstance(step, StageGeneration)), None)
    try:
        if now.current == before.current:
            if now.staging is not None and now.staging == filled:
                _drop_staged(parts, now.staging)
            return "Nothing that was in use has changed."
        if filled is None and not before.known:
            drop_record(parts.host)
            return "It is as unknown as before which volume holds the data; --use-volume NAME chooses one."
        put_back(parts.host, before, staging=filled)
        back = up.plan(parts.environment, parts.templates, parts.host, parts.engine)
        execute(back, parts.environment, parts.host, parts.engine, events)
    except DeployError as error:
        name = parts.environment.name
        return f"Going back failed too: {error.message} Run: llmchat-deploy up --env {name}"
    return "The service uses the data again that it used before."


def _drop_staged(parts: Parts, generation: int) -> None:
    parts.engine.remove_volume(Names(parts.environment.project).data_volume(generation))
    forget(parts.host, generation)


def _data(parts: Parts, before: Generations, findings: Findings) -> RestoreData:
    names = Names(parts.environment.project)
    now = read_generations(parts.host)
    kept = names.data_volume(before.current) if now.current != before.current else None
    there = {volume.name for volume in parts.engine.volumes(parts.environment.project)}
    restored = findings.restored or {}
    return RestoreData(
        environment=parts.environment.name,
        source=str(restored.get("id", "")) or "undo",
        generation=now.current,
        volume=names.data_volume(now.current),
        kept_volume=kept if kept in there else None,
        safety=findings.backup["id"] if findings.backup else None,
        backup={key: value for key, value in restored.items() if key != "event"} or None,
        urls=public_urls(parts.environment),
        admin=up.admin_created(parts.environment, findings),
    )
