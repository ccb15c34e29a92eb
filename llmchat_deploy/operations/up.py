"""Deploy: render, observe, plan; then, once agreed, carry it out.

Planning reads only, and the types say so. Applying plans once more under the lock: what a person agreed to is done, or
nothing is.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from llmchat_deploy.apply.audit import audited
from llmchat_deploy.apply.base_age import base_is_old
from llmchat_deploy.apply.events import EventSink
from llmchat_deploy.apply.execute import execute
from llmchat_deploy.apply.generations import refuse_unknown_generation
from llmchat_deploy.apply.observe import observe, read_edge
from llmchat_deploy.apply.places import places_of
from llmchat_deploy.apply.records import record_admin, record_urls
from llmchat_deploy.apply.run import Findings, ModelAnswer
from llmchat_deploy.config.model import Environment
from llmchat_deploy.engine.base import Engine, EngineReader
from llmchat_deploy.errors import PlanChanged
from llmchat_deploy.host.base import Host, HostReader
from llmchat_deploy.operations.compose_check import require_compose
from llmchat_deploy.operations.leftovers import take_away
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.operations.parts import Parts
from llmchat_deploy.plan.plan import Plan
from llmchat_deploy.plan.reach import Urls, public_urls
from llmchat_deploy.plan.up import UpOptions, plan_up
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.render import render_release
from llmchat_deploy.render.slots import render_slots
from llmchat_deploy.render.templates import Templates
from llmchat_deploy.secret import Secret

__all__ = ["AdminCreated", "UpData", "UpOptions", "admin_created", "apply", "password_shown", "plan", "unchanged"]

DEFAULT_OPTIONS = UpOptions()


@dataclass(frozen=True, slots=True)
class AdminCreated:
    """The administrator this run made; the password is shown once and kept nowhere."""

    username: str
    password: Secret


@dataclass(frozen=True, slots=True)
class UpData:
    """What ``up`` leaves: what runs, where it is reached, and what to do next."""

    environment: str
    project: str
    release: str
    changed: bool
    urls: Urls
    admin: AdminCreated | None = None
    model: ModelAnswer | None = None
    next_steps: tuple[str, ...] = ()
    draining: tuple[str, ...] = ()
    """Replaced slots that still finish their open answers; the next run takes them away."""


def plan(
    environment: Environment,
    templates: Templates,
    host: HostReader,
    engine: EngineReader,
    options: UpOptions = DEFAULT_OPTIONS,
) -> Plan:
    """Return what ``up`` would do; changes nothing."""
    with ThreadPoolExecutor(max_workers=1) as meanwhile:
        # The slowest look of all: Docker mounts the container's file system for it.
        edge = meanwhile.submit(read_edge, Names(environment.project), engine)
        places = places_of(environment, host)
        release = render_release(environment, templates, places)
        if options.renew_base and (stamp := base_is_old(environment, release, host, engine)):
            release = render_release(environment, templates, replace(places, base=stamp))
        observed = observe(environment, release, host, engine, edge.result, prune=options.prune)
    refuse_unknown_generation(environment.project, observed.generations, observed.volumes)
    return plan_up(environment, release, observed, lambda slots: render_slots(templates, slots), options)


def apply(  # noqa: PLR0913, PLR0917 - the ports and the agreement
    agreed: Plan,
    environment: Environment,
    templates: Templates,
    host: Host,
    engine: Engine,
    events: EventSink,
    options: UpOptions = DEFAULT_OPTIONS,
    *,
    command: str = "up",
) -> Outcome[UpData]:
    """Carry out the agreed plan under the lock; raises PlanChanged where the machine changed meanwhile.

    ``command`` is what was typed: lock and audit name it.
    """
    require_compose(host)
    with host.lock(command):
        if plan(environment, templates, host, engine, options) != agreed:
            raise PlanChanged(
                "The machine changed since the plan was made; nothing was done.", hint="Run the command again."
            )
        with audited(host, engine, command, agreed, context=templates.context) as findings:
            execute(agreed, environment, host, engine, events, findings=findings, until=agreed.leftovers_at)
    parts = Parts(environment, templates, host, engine)
    left = take_away(agreed, lambda: plan(environment, templates, host, engine, options), parts, events, findings)
    data = replace(_data(environment, agreed, findings, changed=True), draining=left)
    return Outcome("up", data, warnings=tuple(findings.warnings))


def password_shown(host: Host) -> None:
    """Remember that the password :func:`apply` returned was shown: until then, the next run makes another one."""
    record_admin(host)


def unchanged(environment: Environment, agreed: Plan, host: Host) -> Outcome[UpData]:
    """Return the outcome of an ``up`` that has nothing to do, but perhaps to remember another address."""
    record_urls(host, public_urls(environment))
    return Outcome("up", _data(environment, agreed, Findings(), changed=False), warnings=agreed.warnings)


def _data(environment: Environment, agreed: Plan, findings: Findings, *, changed: bool) -> UpData:
    return UpData(
        environment=environment.name,
        project=environment.project,
        release=agreed.release,
        changed=changed,
        urls=public_urls(environment),
        admin=admin_created(environment, findings),
        model=findings.model,
        next_steps=_next_steps(environment, findings) if changed else (),
    )


def admin_created(environment: Environment, findings: Findings) -> AdminCreated | None:
    """Return the administrator that a run made, if it did."""
    password = findings.admin_password
    return AdminCreated(environment.auth.admin, password) if password else None


def _next_steps(environment: Environment, findings: Findings) -> tuple[str, ...]:
    name, urls, admin = environment.name, public_urls(environment), environment.auth.admin
    steps = []
    if findings.admin_password:
        steps.append(f"Open {urls.web}/auth, log in as '{admin}' and choose a password of your own.")
    elif findings.admin_exists:
        steps.append(f"Password lost? llmchat-deploy admin reset-password --username {admin} --env {name}")
    else:
        steps.append(f"Open {urls.web}")
    if findings.model and not findings.model.ok:
        steps.append(f"Mend the model server, then: llmchat-deploy health --env {name}")
    if not environment.server.address and environment.server.bind == "127.0.0.1":
        port = environment.server.web_port
        steps.append(f"From your own computer: ssh -L {port}:127.0.0.1:{port} THIS-SERVER, then {urls.web}")
    steps.append(f"See how it does: llmchat-deploy status --env {name}")
    return tuple(steps)
