"""A client of the engine that Docker's own command line would use."""

from __future__ import annotations

import os
from pathlib import Path

import docker

from llmchat_deploy.engine.address import engine_address


def connected(timeout: int) -> docker.DockerClient:
    """Return a client whose calls may take ``timeout`` seconds, with the newest API version both sides know."""
    address = engine_address(os.environ, Path(os.environ.get("HOME") or "/"))
    environment = {**os.environ, "DOCKER_HOST": address} if address else os.environ
    return docker.from_env(version="auto", timeout=timeout, environment=environment)


def registry_has(reference: str, timeout: float) -> bool:
    """Say whether the engine can get an image from its registry."""
    try:
        connected(int(timeout)).images.get_registry_data(reference)
    except Exception:  # noqa: BLE001 - whatever the reason, the registry is of no use now
        return False
    return True
