"""Which containers a person means by the services they name."""

from __future__ import annotations

import difflib

from llmchat_deploy.config.model import Environment
from llmchat_deploy.engine.base import Container, EngineReader
from llmchat_deploy.errors import RefusedError
from llmchat_deploy.render.release import Slots

KNOWN = ("edge", "backend", "frontend", "model", "backup", "acme")


def chosen(environment: Environment, engine: EngineReader, services: tuple[str, ...]) -> tuple[Container, ...]:
    """Return the containers of the named services, or all.

    Raises RefusedError for a service that isn't there, with the nearest name, and where nothing runs at all.
    """
    containers = engine.containers(environment.project)
    if not containers:
        raise RefusedError(
            f"Nothing of environment '{environment.name}' is there.",
            hint=f"Start it: llmchat-deploy up --env {environment.name}",
        )
    there = {container.service for container in containers}
    for service in services:
        if service not in there:
            raise RefusedError(_unknown(service, there))
    return tuple(item for item in containers if not services or item.service in services)


def _unknown(service: str, there: set[str]) -> str:
    if service in KNOWN:
        return f"This environment has no service '{service}'; it has {', '.join(sorted(there))}."
    near = difflib.get_close_matches(service, sorted(there | set(KNOWN)), n=1)
    meant = f" Did you mean '{near[0]}'?" if near else ""
    return f"There is no service '{service}'.{meant} The services are {', '.join(sorted(there))}."


def is_active(container: Container, slots: Slots) -> bool:
    """Say whether a container gets requests: the active slot's one, or any that has no slots.

    Behind the maintenance page the backend's counts that got them before.
    """
    return not container.slot or slots.of(container.service) == container.slot
