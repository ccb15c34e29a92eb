"""The container that gets certificates by ACME: it serves nobody, so it is replaced in place."""

from __future__ import annotations

from llmchat_deploy.config.model import Environment
from llmchat_deploy.plan.observed import ObservedState
from llmchat_deploy.plan.services import bring_up, change_cause
from llmchat_deploy.plan.steps import AwaitCertificate, CreateVolume, Step, WaitHealthy, WriteFiles
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.release import Release
from llmchat_deploy.render.render import keys_volume

PATIENCE = 90
"""Seconds ``up`` waits for the authority: it usually takes ten; the container goes on trying anyway."""


def plan_acme(environment: Environment, release: Release, observed: ObservedState) -> list[Step]:
    """Start it once the edge serves, and wait a while for the first certificate."""
    service = release.service("acme")
    if service is None:
        return []
    running = observed.container("acme")
    if running and running.digest == service.digest and running.runs:
        return []
    names, image = Names(environment.project), service.image.tag
    volume = keys_volume(names, service.files)
    steps: list[Step] = []
    if not observed.has_volume(volume):
        cause = "its settings are kept there"
        steps.append(CreateVolume(name=volume, project=names.project, role="secrets", cause=cause))
    tls = environment.tls
    patience = PATIENCE + (tls.dns_wait if tls.challenge == "dns" and tls.dns_provider else 0)
    cause = "not there yet" if running is None else change_cause(service, running, "its settings changed")
    return [
        *steps,
        WriteFiles(
            volume=volume, service="acme", image=image, files=service.files, cause="keys are files, never variables"
        ),
        bring_up(service, running, environment=environment, release=release, cause=cause),
        WaitHealthy(
            project=names.project,
            service="acme",
            timeout=environment.health.start_timeout,
            cause="it renews the certificate",
        ),
        AwaitCertificate(project=names.project, domain=environment.server.domain, timeout=patience, cause=cause),
    ]
