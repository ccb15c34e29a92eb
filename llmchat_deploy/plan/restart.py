"""The plan of ``restart``: each container in place, awaited before the next."""

from __future__ import annotations

from llmchat_deploy.config.model import Environment
from llmchat_deploy.plan.observed import Container
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.steps import RestartContainer, Step, WaitHealthy
from llmchat_deploy.render.release import Slot

_ORDER = ("model", "backend", "frontend", "edge", "backup", "acme")


def plan_restart(environment: Environment, containers: tuple[Container, ...]) -> Plan:
    """Restart what others need first: the model before the backend, the edge last."""
    steps: list[Step] = []
    for container in sorted(containers, key=lambda item: _rank(item.service)):
        slot = Slot(container.slot) if container.slot else None
        steps += [
            RestartContainer(
                name=container.name,
                service=container.service,
                slot=slot,
                drain=environment.health.stop_timeout,
                cause="asked for",
            ),
            WaitHealthy(
                project=environment.project,
                service=container.service,
                slot=slot,
                timeout=environment.health.start_timeout,
                cause="the next one may need it",
            ),
        ]
    return Plan(environment=environment.name, project=environment.project, steps=tuple(steps))


def _rank(service: str) -> int:
    return _ORDER.index(service) if service in _ORDER else len(_ORDER)
