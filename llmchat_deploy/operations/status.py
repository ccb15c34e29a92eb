"""What runs, since when, and what it uses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from llmchat_deploy.apply.observe import observe_running
from llmchat_deploy.apply.places import places_of
from llmchat_deploy.config.model import Environment
from llmchat_deploy.engine.base import Container, EngineReader, Usage
from llmchat_deploy.host.base import HostReader
from llmchat_deploy.operations.backup_state import BackupState, backup_state
from llmchat_deploy.operations.certificate import CertificateState, state_of
from llmchat_deploy.operations.maintenance import Maintenance, maintenance_of
from llmchat_deploy.operations.outcome import Outcome
from llmchat_deploy.operations.services import is_active
from llmchat_deploy.plan.observed import ObservedState
from llmchat_deploy.plan.reach import Urls, public_urls
from llmchat_deploy.render.release import Release
from llmchat_deploy.render.render import render_release
from llmchat_deploy.render.templates import Templates

ALWAYS_THERE = frozenset({"edge", "backend", "frontend"})
"""The services of every environment, whatever its configuration."""


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """One container: ``active`` where it gets requests; memory in bytes, cpu in percent of one core.

    ``up_to_date`` is None where nobody knows, because the files can't be used.
    """

    service: str
    slot: str
    active: bool
    state: str
    health: str
    up_to_date: bool | None
    image: str
    since: str
    restarts: int
    memory: int | None
    cpu: float | None

    @property
    def runs(self) -> bool:
        """Whether it is up and not known to be unhealthy."""
        return self.state == "running" and self.health != "unhealthy"


@dataclass(frozen=True, slots=True)
class StatusData:
    """An environment at a glance.

    ``wanted`` is the release the present files would give, None where they can't be used. ``urls`` are the addresses of
    what runs; None where nobody knows.
    """

    environment: str
    project: str
    state: Literal["up", "partial", "down"]
    release: str | None
    deployed_at: str | None
    wanted: str | None
    urls: Urls | None
    services: tuple[ServiceStatus, ...]
    backups: BackupState
    certificate: CertificateState | None = None
    """None without HTTPS."""
    maintenance: Maintenance | None = None
    """None where no maintenance page stands; behind one no backend is active, and the state is never ``up``."""


def status(
    environment: Environment, templates: Templates | None, host: HostReader, engine: EngineReader
) -> Outcome[StatusData]:
    """Read the state of every container of the environment.

    Without ``templates``, because the configuration can't be used, what runs isn't compared with what should.
    """
    release = render_release(environment, templates, places_of(environment, host)) if templates else None
    observed = observe_running(environment, host, engine)
    digests = {service.name: service.digest for service in release.services} if release else {}
    with ThreadPoolExecutor(max_workers=8) as pool:
        usages = list(pool.map(lambda item: engine.usage(item.name), observed.containers))
    services = tuple(
        _service(
            item,
            usage,
            active=is_active(item, observed.slots) and not (observed.slots.maintenance and item.service == "backend"),
            up_to_date=digests.get(item.service) == item.digest if release else None,
        )
        for item, usage in zip(observed.containers, usages, strict=True)
    )
    running = {item.service for item in services if item.active and item.runs}
    state: Literal["up", "partial", "down"] = "partial"
    if not running:
        state = "down"
    elif running >= (set(digests) or ALWAYS_THERE):
        state = "up"
    recorded = observed.recorded
    return Outcome(
        "status",
        StatusData(
            environment=environment.name,
            project=environment.project,
            state=state,
            release=recorded.release if recorded else None,
            deployed_at=recorded.at if recorded else None,
            wanted=release.id if release else None,
            urls=_urls(environment, release, observed),
            services=services,
            backups=backup_state(environment, host),
            certificate=state_of(environment, observed.tls) if environment.has_tls else None,
            maintenance=maintenance_of(environment, host, observed.slots),
        ),
    )


def _urls(environment: Environment, release: Release | None, observed: ObservedState) -> Urls | None:
    """Return where what runs is reached: as the files say once the edge serves so, else as was recorded."""
    recorded = observed.recorded.urls if observed.recorded else None
    if release is None:
        return recorded
    edge, wanted = observed.container("edge"), release.service("edge")
    is_so = edge and wanted and edge.digest == wanted.digest and observed.edge.haproxy == wanted.files[0].content
    return public_urls(environment) if is_so or edge is None else recorded or public_urls(environment)


def _service(container: Container, usage: Usage | None, *, active: bool, up_to_date: bool | None) -> ServiceStatus:
    return ServiceStatus(
        service=container.service,
        slot=container.slot,
        active=active,
        state=container.state,
        health=container.health,
        up_to_date=up_to_date,
        image=container.image,
        since=container.started_at,
        restarts=container.restarts,
        memory=usage.memory if usage else None,
        cpu=usage.cpu if usage else None,
    )
