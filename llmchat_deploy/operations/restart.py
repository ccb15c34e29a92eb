"""Restart services in place, one after the other, each awaited until it is healthy."""

from __future__ import annotations

from dataclasses import dataclass

from llmchat_deploy.apply.audit import audited
from llmchat_deploy.apply.events import EventSink
from llmchat_deploy.apply.execute import execute
from llmchat_deploy.apply.observe import active_slots
from llmchat_deploy.config.model import Environment
from llmchat_deploy.engine.base import Engine, EngineReader
from llmchat_deploy.host.base import Host
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.operations.services import chosen, is_replaced
from llmchat_deploy.plan.restart import plan_restart
from llmchat_deploy.render.names import Names


@dataclass(frozen=True, slots=True)
class RestartData:
    """The containers that were restarted."""

    environment: str
    services: tuple[str, ...]


def chosen_services(environment: Environment, engine: EngineReader, services: tuple[str, ...]) -> tuple[str, ...]:
    """Return which services a restart would be of; raises RefusedError as :func:`restart` does."""
    return tuple(dict.fromkeys(item.service for item in chosen(environment, engine, services)))


def restart(
    environment: Environment, host: Host, engine: Engine, events: EventSink, *, services: tuple[str, ...]
) -> Outcome[RestartData]:
    """Restart the named services, or all; raises RefusedError where nothing runs."""
    with host.lock("restart"):
        slots = active_slots(Names(environment.project), engine)
        containers = tuple(item for item in chosen(environment, engine, services) if not is_replaced(item, slots))
        plan = plan_restart(environment, containers)
        with audited(host, engine, "restart", plan, about=" ".join(services)) as findings:
            execute(plan, environment, host, engine, events, findings=findings)
    return Outcome("restart", RestartData(environment.name, tuple(item.name for item in containers)))
