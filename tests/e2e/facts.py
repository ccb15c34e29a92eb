"""What Docker says: facts about the containers, volumes and networks of one project."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from functools import cache
from typing import Any

import docker
import docker.errors
from docker.models.containers import Container

LABEL = "llmchat.project"


@cache
def client() -> docker.DockerClient:
    return docker.from_env(version="auto")


def containers(project: str) -> list[Container]:
    """Return the project's containers, stopped ones too; one that goes meanwhile is no failure."""
    found: list[Container] = client().containers.list(
        all=True, filters={"label": f"{LABEL}={project}"}, ignore_removed=True
    )
    return sorted(found, key=lambda container: str(container.name))


def container(project: str, service: str) -> Container:
    """Return the only container of a service."""
    (found,) = [item for item in containers(project) if item.labels["llmchat.service"] == service]
    return found


def services(project: str) -> list[str]:
    """Return the service of each container, sorted: two backends are there twice."""
    return sorted(item.labels["llmchat.service"] for item in containers(project))


def identities(project: str) -> dict[str, tuple[str, str]]:
    """Return id and start of each container: equal only where nothing was touched."""
    return {str(item.name): (str(item.id), item.attrs["State"]["StartedAt"]) for item in containers(project)}


def volumes(project: str) -> set[str]:
    return {str(item.name) for item in client().volumes.list(filters={"label": f"{LABEL}={project}"})}


def networks(project: str) -> set[str]:
    return {str(item.name) for item in client().networks.list(filters={"label": f"{LABEL}={project}"})}


def everything(project: str) -> set[str]:
    """Return the names of all that Docker holds for the project, by label and by name."""
    low_level: Any = client().api
    named = {name.lstrip("/") for item in low_level.containers(all=True) for name in item["Names"] or ()}
    named |= {item["Name"] for item in low_level.volumes()["Volumes"] or ()}
    named |= {item["Name"] for item in low_level.networks()}
    labelled = {str(item.name) for item in containers(project)} | volumes(project) | networks(project)
    return labelled | {name for name in named if name == project or name.startswith((f"{project}-", f"{project}_"))}


@contextlib.contextmanager
def watched(project: str) -> Iterator[list[str]]:
    """Collect what Docker does to the project's containers, in order, such as `start backend-b`.

    Watched as it happens: the engine itself remembers few events.
    """
    events: list[str] = []
    stream = client().api.events(filters={"label": f"{LABEL}={project}"}, decode=True)

    def collect() -> None:
        for event in stream:
            name = event["Actor"]["Attributes"].get("name", "")
            events.append(f"{event['Action']} {name.removeprefix(project + '-')}")

    thread = threading.Thread(target=collect, daemon=True)
    thread.start()
    try:
        yield events
    finally:
        stream.close()
        thread.join(timeout=10)


def remove_project(project: str) -> None:
    """Remove every container, volume and network of the project."""
    for item in containers(project):
        with contextlib.suppress(docker.errors.NotFound):
            item.remove(force=True)
    for volume in client().volumes.list(filters={"label": f"{LABEL}={project}"}):
        with contextlib.suppress(docker.errors.NotFound):
            volume.remove(force=True)
    for network in client().networks.list(filters={"label": f"{LABEL}={project}"}):
        with contextlib.suppress(docker.errors.NotFound):
            network.remove()


def output_of(container: Container, *argv: str) -> bytes:
    """Run a command in a container and return what it printed; a failing one fails the test."""
    status, output = container.exec_run(list(argv))
    assert status == 0, output
    assert isinstance(output, bytes)
    return output
