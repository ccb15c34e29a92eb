"""Network, volumes and stored files: what every service stands on."""

from __future__ import annotations

from llmchat_deploy.plan.observed import ObservedState
from llmchat_deploy.plan.steps import CreateNetwork, CreateVolume, Step, StoreRelease
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.release import Release


def plan_foundation(names: Names, release: Release, observed: ObservedState) -> list[Step]:
    """Create what is missing; nothing here is ever replaced."""
    steps: list[Step] = []
    if observed.stored_release != release.digest:
        steps.append(
            StoreRelease(
                release=release.id,
                digest=release.digest,
                files=tuple(service.compose for service in release.services),
                cause="its Compose files are kept on the machine",
            )
        )
    if names.network not in observed.networks:
        steps.append(CreateNetwork(name=names.network, project=names.project, cause="edge and services meet on it"))
    volumes = [
        (release.data_volume, "data", "holds the database and the attachments"),
        (names.slots_volume, "slots", "holds the sockets between edge and backend"),
        (names.edge_volume, "edge", "holds the edge's configuration"),
    ]
    if release.service("backup"):
        volumes.append((names.scratch_volume, "scratch", "holds a copy of the database while it is packed"))
    for name, role, cause in volumes:
        if not observed.has_volume(name):
            steps.append(CreateVolume(name=name, project=names.project, role=role, cause=cause))
    return steps
