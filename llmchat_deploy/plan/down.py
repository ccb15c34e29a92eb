"""The plan of ``down``: containers and network go, data stays unless it is asked for by name."""

from __future__ import annotations

from llmchat_deploy.config.model import Environment
from llmchat_deploy.plan.observed import ObservedState
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.steps import ForgetRelease, RemoveNetwork, RemoveVolume, Step, StopService, StopSlot
from llmchat_deploy.render.names import SLOTTED
from llmchat_deploy.render.release import Slot

_HOLDS = {"data": "all accounts, conversations and attachments"}
FOREIGN = "it has a name of this environment, but this tool didn't make it"
_ORDER = ("edge", "frontend", "backend", "model", "backup", "acme")


def plan_down(environment: Environment, observed: ObservedState, *, volumes: bool) -> Plan:
    """Return what ``down`` does; with ``volumes`` the data goes too, and the plan says so.

    What has only our name is left alone, unless ``volumes`` asks for it; then it is a loss like any other.
    """
    ordered = sorted(observed.containers, key=lambda item: (_rank(item.service), item.slot))
    steps = [_stop(environment, container.service, container.slot) for container in ordered]
    for network in observed.networks:
        if volumes or network.ours:
            holds = "" if network.ours else FOREIGN
            steps.append(RemoveNetwork(name=network.name, holds=holds, cause="nobody is on it any more"))
    for volume in observed.volumes:
        if volumes or (volume.ours and volume.role in ("secrets", "slots")):
            cause = "--volumes" if volumes else "made again by the next up"
            holds = _HOLDS.get(volume.role, "" if volume.ours else FOREIGN)
            steps.append(RemoveVolume(name=volume.name, holds=holds, cause=cause))
    if volumes and (observed.recorded is not None or observed.generations.known):
        steps.append(ForgetRelease(project=environment.project, cause="its data is gone"))
    return Plan(environment=environment.name, project=environment.project, steps=tuple(steps))


def _rank(service: str) -> int:
    """Let the edge go first, so that nobody is sent to a service that has gone."""
    return _ORDER.index(service) if service in _ORDER else len(_ORDER)


def _stop(environment: Environment, service: str, slot: str) -> Step:
    cause = "down"
    if service in SLOTTED:
        drain = environment.health.stop_timeout
        return StopSlot(project=environment.project, service=service, slot=Slot(slot), drain=drain, cause=cause)
    return StopService(project=environment.project, service=service, cause=cause)
