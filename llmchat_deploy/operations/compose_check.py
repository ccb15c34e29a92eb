"""Is Compose there, and new enough? Asked before the first change only."""

from __future__ import annotations

from llmchat_deploy.engine import compose
from llmchat_deploy.errors import DockerTooOld
from llmchat_deploy.host.base import Host

OLDEST_COMPOSE = 2


def require_compose(host: Host) -> None:
    """Raise DockerTooOld where ``docker compose`` is missing or is version 1."""
    result = host.run(compose.version())
    version = result.stdout.strip().lstrip("v")
    major = version.split(".")[0]
    if result.status == 0 and major.isdigit() and int(major) >= OLDEST_COMPOSE:
        return
    found = f"is {version}" if version else "is missing (docker-compose with a hyphen is version 1 and doesn't do)"
    raise DockerTooOld(
        f"Docker Compose {found}; at least version 2 is needed.",
        hint="./llmchat-deploy setup adds it from the distribution's packages.",
    )
