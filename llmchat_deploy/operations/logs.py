"""The logs of an environment's containers."""

from __future__ import annotations

from collections.abc import Iterator

from llmchat_deploy.config.model import Environment
from llmchat_deploy.engine.base import EngineReader, LogLine
from llmchat_deploy.operations.services import chosen
from llmchat_deploy.secret import mask


def logs(
    environment: Environment, engine: EngineReader, *, services: tuple[str, ...], follow: bool, tail: int | None
) -> Iterator[LogLine]:
    """Yield log lines, secrets masked; raises RefusedError where nothing is there to have a log."""
    containers = chosen(environment, engine, services)
    for line in engine.follow(containers, follow=follow, tail=tail):
        yield LogLine(line.service, mask(line.text, environment.secrets))
