"""Take an environment down: containers go, data stays unless it is asked for by name."""

from __future__ import annotations

from dataclasses import dataclass

from llmchat_deploy.apply.audit import audited
from llmchat_deploy.apply.events import EventSink
from llmchat_deploy.apply.execute import execute
from llmchat_deploy.apply.observe import observe_running
from llmchat_deploy.config.model import Environment
from llmchat_deploy.engine.base import Engine, EngineReader
from llmchat_deploy.errors import PlanChanged
from llmchat_deploy.host.base import Host, HostReader
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.plan.down import plan_down
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.steps import RemoveVolume


@dataclass(frozen=True, slots=True)
class DownData:
    """What ``down`` took away."""

    environment: str
    removed_volumes: tuple[str, ...]
    kept_volumes: tuple[str, ...]


def plan(environment: Environment, host: HostReader, engine: EngineReader, *, volumes: bool) -> Plan:
    """Return what ``down`` would do; changes nothing."""
    return plan_down(environment, observe_running(environment, host, engine), volumes=volumes)


def apply(  # noqa: PLR0913 - the ports and the agreement
    agreed: Plan, environment: Environment, host: Host, engine: Engine, events: EventSink, *, volumes: bool
) -> Outcome[DownData]:
    """Carry out the agreed plan under the environment's lock."""
    about = "--volumes" if volumes else ""
    with host.lock(f"down {about}".strip()):
        if plan(environment, host, engine, volumes=volumes) != agreed:
            raise PlanChanged("The machine changed since the plan was made.", hint="Run the command again.")
        with audited(host, engine, "down", agreed, about=about) as findings:
            execute(agreed, environment, host, engine, events, findings=findings)
        kept = tuple(volume.name for volume in engine.volumes(environment.project))
    removed = tuple(step.name for step in agreed.steps if isinstance(step, RemoveVolume))
    return Outcome("down", DownData(environment.name, removed, kept))
