"""The container with the scheduled backups: it serves nobody, so it is replaced in place."""

from __future__ import annotations

from llmchat_deploy.config.model import Environment
from llmchat_deploy.plan.observed import ObservedState
from llmchat_deploy.plan.services import bring_up, change_cause
from llmchat_deploy.plan.steps import CreateVolume, ReadyBackups, Step, WaitHealthy, WriteFiles
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.release import Release
from llmchat_deploy.render.render import keys_volume


def plan_backup(environment: Environment, release: Release, observed: ObservedState) -> list[Step]:
    """Start the scheduled backups, where the environment has them, once there is data to back up."""
    service = release.service("backup")
    if service is None:
        return []
    running = observed.container("backup")
    if running and running.digest == service.digest and running.runs:
        return []
    names, image = Names(environment.project), service.image.tag
    volume = keys_volume(names, service.files)
    steps: list[Step] = []
    if not observed.has_volume(volume):
        cause = "the backups read their settings there"
        steps.append(CreateVolume(name=volume, project=names.project, role="secrets", cause=cause))
    return [
        *steps,
        WriteFiles(
            volume=volume,
            service="backup",
            image=image,
            files=service.files,
            cause="keys are files, never variables",
        ),
        ReadyBackups(image=image, cause="they are written as the backend's user"),
        bring_up(
            service,
            running,
            environment=environment,
            release=release,
            cause="not there yet" if running is None else change_cause(service, running, "its settings changed"),
        ),
        WaitHealthy(
            project=environment.project,
            service="backup",
            timeout=environment.health.start_timeout,
            cause="a schedule that nobody keeps is worse than none",
        ),
    ]
