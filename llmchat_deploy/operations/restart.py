"""Restart services: what runs is started once more beside itself, or in place where there is only one of it.

Applying plans once more under the lock, as ``up`` does; open answers are waited for without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from llmchat_deploy.apply.audit import audited
from llmchat_deploy.apply.events import EventSink
from llmchat_deploy.apply.execute import execute
from llmchat_deploy.apply.observe import observe_running
from llmchat_deploy.apply.records import read_release
from llmchat_deploy.errors import PlanChanged
from llmchat_deploy.operations.compose_check import require_compose
from llmchat_deploy.operations.leftovers import take_away
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.operations.parts import Parts
from llmchat_deploy.operations.services import chosen
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.restart import Asked, plan_rest, plan_restart
from llmchat_deploy.plan.steps import ConfigureEdge, RestartContainer, StartService
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.slots import render_slots

__all__ = ["Asked", "RestartData", "apply", "plan"]


@dataclass(frozen=True, slots=True)
class RestartData:
    """The containers that run anew, and what became of those they took the place of."""

    environment: str
    services: tuple[str, ...]
    slots: Mapping[str, str]
    """Service -> the slot that serves now; only those that moved."""
    reloaded: bool = False
    """Whether the edge has a new worker: nobody's connection ended with the old one."""
    draining: tuple[str, ...] = ()
    """Replaced slots that still finish their open answers; the next run takes them away."""


def plan(parts: Parts, asked: Asked) -> Plan:
    """Return what the restart would do; changes nothing. Raises RefusedError where there is no such service."""
    chosen(parts.environment, parts.engine, asked.services)
    observed = observe_running(parts.environment, parts.host, parts.engine)
    kept = read_release(parts.host, observed.recorded.release) if observed.recorded else None
    tags = tuple(service.image.tag for service in kept.services) if kept else ()
    observed = replace(observed, images=parts.engine.images(tags))
    return plan_restart(parts.environment, kept, observed, lambda slots: render_slots(parts.templates, slots), asked)


def apply(agreed: Plan, asked: Asked, parts: Parts, events: EventSink) -> Outcome[RestartData]:
    """Carry out the agreed plan under the lock; raises PlanChanged where the machine changed meanwhile."""
    environment, host, engine = parts.environment, parts.host, parts.engine
    if any(isinstance(step, StartService) for step in agreed.steps):
        require_compose(host)
    about = " ".join(asked.services)
    with host.lock(f"restart {about}".strip()):
        if plan(parts, asked) != agreed:
            raise PlanChanged(
                "The machine changed since the plan was made; nothing was done.", hint="Run the command again."
            )
        with audited(host, engine, "restart", agreed, about=about) as findings:
            execute(agreed, environment, host, engine, events, findings=findings, until=agreed.leftovers_at)

    def rest() -> Plan:
        return plan_rest(agreed, observe_running(environment, host, engine))

    left = take_away(agreed, rest, parts, events, findings)
    return Outcome("restart", _data(agreed, left), warnings=(*agreed.warnings, *findings.warnings))


def _data(agreed: Plan, left: tuple[str, ...]) -> RestartData:
    names, services, slots = Names(agreed.project), list[str](), dict[str, str]()
    for step in agreed.steps:
        if isinstance(step, RestartContainer):
            services.append(step.name)
        elif isinstance(step, StartService):
            services.append(names.container(step.service.name, step.slot))
            slots[step.service.name] = str(step.slot)
    reloads = any(isinstance(step, ConfigureEdge) for step in agreed.steps)
    return RestartData(agreed.environment, tuple(services), slots, reloads and not left, left)
