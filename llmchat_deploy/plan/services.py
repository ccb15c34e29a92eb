"""Which services are started, and in which slot."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from llmchat_deploy.config.model import Environment
from llmchat_deploy.plan.migration import plan_migration
from llmchat_deploy.plan.observed import Container, ObservedState
from llmchat_deploy.plan.steps import (
    CreateVolume,
    ProbeModel,
    RestartContainer,
    StartService,
    Step,
    StopSlot,
    WaitHealthy,
    WriteFiles,
)
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.release import Release, Service, Slot
from llmchat_deploy.render.render import keys_volume


@dataclass(frozen=True, slots=True)
class SlottedPart:
    """The steps for one slotted service, and the slot that gets the requests after them."""

    slot: Slot | None
    steps: tuple[Step, ...] = ()


def plan_slotted(  # noqa: PLR0913 - each named at the call
    name: str,
    environment: Environment,
    release: Release,
    observed: ObservedState,
    *,
    require_model: bool,
    drain: int,
) -> SlottedPart:
    """Keep the serving slot where it is up to date and well; else start the release in the other one.

    One that is unhealthy may still serve most people: it goes on until the other is proved. Where the other slot still
    finishes answers, it gets ``drain`` seconds for them first.
    """
    service = release.service(name)
    if service is None:
        return SlottedPart(None)
    active = observed.slots.of(name)
    serving = observed.container(name, active) if active else None
    keys = keys_volume(Names(environment.project), service.files)
    start = partial(
        _start,
        service,
        environment=environment,
        release=release,
        require_model=require_model,
        have_keys=observed.has_volume(keys),
        migration=plan_migration(service, release, observed, serves=serving is not None and serving.runs),
    )
    unwell = serving is not None and serving.state == "running" and not serving.runs
    if active and serving and serving.digest == service.digest and not unwell:
        steps = () if serving.runs else start(active, serving, beside=None, cause=_down_cause(serving))
        return SlottedPart(active, steps)
    target = _free_slot(name, service, observed)
    beside = active if serving and serving.state == "running" else None
    cause = "not there yet" if serving is None else change_cause(service, serving)
    present = observed.container(name, target)
    steps = start(target, present, beside=beside, cause=cause)
    if present and present.state == "running" and present.digest != service.digest:
        stop = StopSlot(
            project=environment.project, service=name, slot=target, drain=drain, cause="the new release needs its place"
        )
        steps = (stop, *steps)
    return SlottedPart(target, steps)


def plan_model(environment: Environment, release: Release, observed: ObservedState) -> list[Step]:
    """Start the bundled model, where the environment has one."""
    service = release.service("model")
    if service is None:
        return []
    running = observed.container("model")
    if running and running.digest == service.digest and running.runs:
        return []
    cause = "not there yet" if running is None else change_cause(service, running)
    return [
        bring_up(service, running, environment=environment, release=release, cause=cause),
        WaitHealthy(
            project=environment.project,
            service="model",
            timeout=environment.health.start_timeout,
            cause="the first answer needs it",
        ),
    ]


def _free_slot(name: str, service: Service, observed: ObservedState) -> Slot:
    """Choose the slot for a new release: one where a cut run began with just this release, else the one not serving."""
    active = observed.slots.of(name)
    for slot in Slot:
        begun = observed.container(name, slot)
        if slot is not active and begun is not None and begun.digest == service.digest:
            return slot
    return active.other if active else Slot.A


def bring_up(  # noqa: PLR0913 - each named at the call
    service: Service,
    present: Container | None,
    *,
    environment: Environment,
    release: Release,
    cause: str,
    slot: Slot | None = None,
) -> Step:
    """Start a service; a container that is as it should be, yet runs and is unhealthy, Compose would leave alone."""
    if present and present.digest == service.digest and present.state == "running" and not present.runs:
        drain = environment.health.stop_timeout
        return RestartContainer(name=present.name, service=service.name, slot=slot, drain=drain, cause=cause)
    return StartService(project=environment.project, service=service, release=release.id, slot=slot, cause=cause)


def change_cause(service: Service, running: Container, otherwise: str = "its configuration changed") -> str:
    """Say why a container doesn't do any more."""
    if running.image != service.image.tag:
        return "its image changed"
    return otherwise if running.digest != service.digest else _down_cause(running)


def _start(  # noqa: PLR0913 - private, each named in its one caller
    service: Service,
    slot: Slot,
    present: Container | None,
    *,
    environment: Environment,
    release: Release,
    beside: Slot | None,
    cause: str,
    require_model: bool,
    have_keys: bool,
    migration: tuple[Step, ...],
) -> tuple[Step, ...]:
    names = Names(environment.project)
    steps: list[Step] = []
    if service.name == "backend":
        volume = keys_volume(names, service.files)
        if not have_keys:
            cause_of_volume = "the backend reads its keys there"
            steps.append(CreateVolume(name=volume, project=names.project, role="secrets", cause=cause_of_volume))
        steps += [
            WriteFiles(
                volume=volume,
                service=service.name,
                image=service.image.tag,
                files=service.files,
                cause="keys are files, never variables",
            ),
            *migration,
        ]
    steps += [
        bring_up(service, present, environment=environment, release=release, slot=slot, cause=cause),
        *prove(service.name, slot, environment=environment, beside=beside, require_model=require_model),
    ]
    return tuple(steps)


def prove(
    service: str, slot: Slot, *, environment: Environment, beside: Slot | None, require_model: bool = False
) -> list[Step]:
    """Prove a started slot before it gets a request; where it fails ``beside`` another one that runs, it is removed."""
    undo = (Names(environment.project).container(service, slot),) if beside else ()
    steps: list[Step] = [
        WaitHealthy(
            project=environment.project,
            service=service,
            slot=slot,
            timeout=environment.health.start_timeout,
            undo=undo,
            still_serving=beside,
            cause="only a healthy release gets requests",
        )
    ]
    if service == "backend":
        steps.append(
            ProbeModel(
                project=environment.project,
                slot=slot,
                beside=beside,
                required=require_model,
                undo=undo,
                cause="up is not enough: it must be able to chat",
            )
        )
    return steps


def _down_cause(container: Container) -> str:
    return f"it is {container.health or container.state}"
