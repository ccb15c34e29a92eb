"""Network, volumes and stored files: what every service stands on."""

from __future__ import annotations

from llmchat_deploy.plan.observed import ObservedState
from llmchat_deploy.plan.steps import CreateNetwork, CreateVolume, Step, StoreRelease
from llmchat_deploy.render.names import Names
from llmchat_deploy.render.release import Release
from llmchat_deploy.render.stored import stored_files


def plan_foundation(names: Names, release: Release, observed: ObservedState) -> list[Step]:
    """Create what is missing; nothing here is ever replaced."""
    steps: list[Step] = []
    if observed.stored_release != release.digest:
        steps.append(
            StoreRelease(
                release=release.id,
                digest=release.digest,
                files=stored_files(release),
                cause="its Compose files are kept on the machine",
            )
        )
    if not observed.has_network(names.network):
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


def adopted_data(release: Release, observed: ObservedState) -> tuple[str, ...]:
    """Return the data volume where somebody else made it and no finished run has used it yet."""
    recorded = observed.recorded.volumes if observed.recorded else ()
    foreign = (volume.name for volume in observed.volumes if not volume.ours)
    return tuple(name for name in foreign if name == release.data_volume and name not in recorded)


def foreign_warnings(names: Names, release: Release, observed: ObservedState) -> tuple[str, ...]:
    """Say what has a name of ours, was made by somebody else and would be used; once, until a run has recorded it."""
    if observed.recorded is not None and not adopted_data(release, observed):
        return ()
    used = (release.data_volume, names.slots_volume, names.edge_volume)
    found = [f"volume {item.name}" for item in observed.volumes if not item.ours and item.name in used]
    found += [f"network {item.name}" for item in observed.networks if not item.ours and item.name == names.network]
    return tuple(f"The {what} is there, though this tool didn't make it; it is used as it is." for what in found)
