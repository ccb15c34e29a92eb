"""When the edge is configured, switched and started."""

from __future__ import annotations

from llmchat_deploy.config.model import Environment
from llmchat_deploy.plan.observed import ObservedState
from llmchat_deploy.plan.reach import local_urls
from llmchat_deploy.plan.steps import CheckEdge, ConfigureEdge, StartService, Step, SwitchSlots, WaitHealthy
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.release import Release, RenderedFile, Slots


def plan_edge(
    environment: Environment, release: Release, observed: ObservedState, slots: Slots, slots_file: RenderedFile
) -> list[Step]:
    """Configure durably, switch, start: in this order, so that an edge that restarts in between is right too."""
    service = release.service("edge")
    if service is None:
        return []
    names = Names(environment.project)
    running = observed.container("edge")
    recreate = running is None or running.digest != service.digest
    steps: list[Step] = []
    if recreate or observed.edge.haproxy != service.files[0].content:
        steps.append(
            ConfigureEdge(
                volume=names.edge_volume,
                image=service.image.tag,
                project=names.project,
                files=service.files,
                cause="not there yet" if running is None else "its configuration changed",
            )
        )
    if recreate or observed.edge.slots != slots_file.content:
        steps.append(
            SwitchSlots(
                volume=names.edge_volume,
                image=service.image.tag,
                project=names.project,
                slots=slots,
                file=slots_file,
                cause="the new release is proved healthy" if observed.slots != slots else "not there yet",
            )
        )
    if recreate or not (running and running.runs):
        cause = "not there yet" if running is None else "its image or ports changed" if recreate else "it doesn't run"
        steps += [
            StartService(project=names.project, service=service, release=release.id, cause=cause),
            WaitHealthy(
                project=names.project,
                service="edge",
                timeout=environment.health.start_timeout,
                cause="it owns the published ports",
            ),
        ]
    if steps:
        steps.append(CheckEdge(urls=local_urls(environment), timeout=30, cause="the way a browser comes"))
    return steps
