"""From the SDK's words to ours: containers, ports and errors."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import docker.errors
import requests
import urllib3.exceptions

from llmchat_deploy.engine.base import Container, Network, PublishedPort, Volume
from llmchat_deploy.errors import DeployError, DiskFull, DockerUnavailable, StepFailed
from llmchat_deploy.render.names import Names

LABEL = "llmchat.project"
ROLE = "llmchat.role"
DEFAULT_SOCKET = "/var/run/docker.sock"


def container_from(data: dict[str, Any]) -> Container:
    """Read a container from the engine's answer to an inspection."""
    labels = data["Config"].get("Labels") or {}
    state = data["State"]
    test = (data["Config"].get("Healthcheck") or {}).get("Test") or []
    return Container(
        name=data["Name"].lstrip("/"),
        project=labels.get("llmchat.project", ""),
        service=labels.get("llmchat.service", ""),
        slot=labels.get("llmchat.slot", ""),
        image=data["Config"]["Image"],
        digest=labels.get("llmchat.digest", ""),
        state=state["Status"],
        health=(state.get("Health") or {}).get("Status", ""),
        restarts=int(data.get("RestartCount", 0)),
        started_at=state.get("StartedAt", ""),
        exit_code=int(state.get("ExitCode", 0)),
        out_of_memory=bool(state.get("OOMKilled")),
        health_command=tuple(test),
    )


def volumes_from(found: list[dict[str, Any]], project: str) -> tuple[Volume, ...]:
    """Read an environment's volumes from the engine's list of all: its label counts, and so does a name it uses."""
    names, volumes = Names(project), []
    for item in found:
        labels = item.get("Labels") or {}
        if labels.get(LABEL) == project:
            volumes.append(Volume(item["Name"], labels.get(ROLE, "")))
        elif role := names.role(item["Name"]):
            volumes.append(Volume(item["Name"], role, ours=False))
    return tuple(sorted(volumes, key=lambda volume: volume.name))


def networks_from(found: list[dict[str, Any]], project: str) -> tuple[Network, ...]:
    """Read an environment's networks from the engine's list of all."""
    networks = []
    for item in found:
        ours = (item.get("Labels") or {}).get(LABEL) == project
        if ours or item["Name"] == Names(project).network:
            networks.append(Network(item["Name"], ours=ours))
    return tuple(sorted(networks, key=lambda network: network.name))


def published_from(data: dict[str, Any]) -> Iterator[PublishedPort]:
    """Read the published TCP ports of one entry of the engine's list of containers."""
    name = (data.get("Names") or ["/?"])[0].lstrip("/")
    project = (data.get("Labels") or {}).get(LABEL, "")
    for port in data.get("Ports") or ():
        if port.get("PublicPort") and port.get("Type", "tcp") == "tcp":
            yield PublishedPort(port.get("IP", ""), int(port["PublicPort"]), name, project)


@contextlib.contextmanager
def translated(what: str) -> Iterator[None]:
    """Turn the SDK's errors into ours; ``what`` completes "Docker can't …"."""
    try:
        yield
    except DeployError:
        raise
    except docker.errors.APIError as error:
        reason = str(error.explanation or error).strip()
        if "no space left" in reason.lower():
            raise DiskFull(
                f"Docker can't {what}: the disk is full.", hint="Free space; docker system df shows what uses it."
            ) from error
        raise StepFailed(
            f"Docker can't {what}: {reason}", hint="Run the same command again to go on where it stopped."
        ) from error
    except (docker.errors.DockerException, requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise DockerUnavailable(
            f"The Docker engine stopped answering (while asked to {what}).",
            hint="Start it (systemctl start docker), then run the same command again: it goes on where it stopped.",
        ) from error


def version_numbers(version: str) -> tuple[int, ...]:
    """Return the first two numbers of an engine's version, such as (20, 10) of ``20.10.24+dfsg1``."""
    plain = version.partition("+")[0].partition("-")[0]
    return tuple(int(part) for part in plain.split(".")[:2] if part.isdigit())


def connect_error(error: Exception) -> DockerUnavailable:
    """Say why no engine answers: none there, no permission, or a wrong address."""
    text = str(error)
    address = os.environ.get("DOCKER_HOST", "")
    if "Permission denied" in text or "PermissionError" in text:
        return DockerUnavailable(
            "This user may not use the Docker engine.",
            hint="Run with sudo, or: sudo usermod -aG docker $USER, then log in again.",
        )
    if address:
        return DockerUnavailable(
            f"No Docker engine answers at DOCKER_HOST={address}.", hint="Check the address, or unset DOCKER_HOST."
        )
    if not os.path.exists(DEFAULT_SOCKET):  # noqa: PTH110 - one stat of a constant
        return DockerUnavailable(
            "No Docker engine runs on this machine.",
            hint="./llmchat-deploy setup installs and starts it; where it is installed: systemctl start docker.",
        )
    return DockerUnavailable("The Docker engine doesn't answer.", hint="Start it: systemctl start docker.")
