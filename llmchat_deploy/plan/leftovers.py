"""What goes, once the new release serves."""

from __future__ import annotations

from llmchat_deploy.config.model import Environment
from llmchat_deploy.plan.observed import ObservedState
from llmchat_deploy.plan.steps import ForgetGeneration, RemoveVolume, Step, StopService, StopSlot
from llmchat_deploy.render.names import SLOTTED, Names
from llmchat_deploy.render.release import Release, Slot, Slots
from llmchat_deploy.render.render import keys_volume

WITH_KEYS = ("backend", "backup", "acme")
"""Services whose files are kept in a volume of keys."""


def plan_leftovers(
    environment: Environment, release: Release, observed: ObservedState, slots: Slots, *, drain: int
) -> list[Step]:
    """Stop slots and services that serve nobody any more, and remove volumes with keys nobody reads.

    A slot gets ``drain`` seconds for its open answers.
    """
    return [
        *_slots(environment, observed, slots, drain),
        *_services(environment, release, observed),
        *_keys(environment, release, observed),
        *_staged(environment, release, observed),
    ]


def _slots(environment: Environment, observed: ObservedState, slots: Slots, drain: int) -> list[Step]:
    steps: list[Step] = []
    for container in observed.containers:
        if container.service not in SLOTTED or container.slot == slots.of(container.service):
            continue
        served = container.slot == observed.slots.of(container.service)
        steps.append(
            StopSlot(
                project=environment.project,
                service=container.service,
                slot=Slot(container.slot),
                drain=drain,
                cause="the new release serves" if served else "left over from a run that was cut",
            )
        )
    return steps


def _services(environment: Environment, release: Release, observed: ObservedState) -> list[Step]:
    wanted = {service.name for service in release.services}
    gone = sorted({container.service for container in observed.containers} - wanted)
    return [
        StopService(project=environment.project, service=name, cause="the environment has it no more") for name in gone
    ]


def _staged(environment: Environment, release: Release, observed: ObservedState) -> list[Step]:
    """Remove the volume of a restore that was cut before it was used; a run that fills one knows better."""
    number = observed.generations.staging
    name = Names(environment.project).data_volume(number or 1)
    if number is None or name == release.data_volume:
        return []
    cause = "a restore into it was cut"
    gone: list[Step] = [RemoveVolume(name=name, cause=cause)] if observed.has_volume(name) else []
    return [*gone, ForgetGeneration(generation=number, cause=cause)]


def _keys(environment: Environment, release: Release, observed: ObservedState) -> list[Step]:
    names = Names(environment.project)
    current = {keys_volume(names, service.files) for name in WITH_KEYS if (service := release.service(name))}
    return [
        RemoveVolume(name=volume.name, cause="its keys are replaced")
        for volume in observed.volumes
        if volume.ours and volume.role == "secrets" and volume.name not in current
    ]
