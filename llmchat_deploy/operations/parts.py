"""What an operation on a whole environment works with."""

from __future__ import annotations

from dataclasses import dataclass

from llmchat_deploy.config.model import Environment
from llmchat_deploy.engine.base import Engine
from llmchat_deploy.host.base import Host
from llmchat_deploy.render.templates import Templates


@dataclass(frozen=True, slots=True)
class Parts:
    """An environment, what it is made of, and where it is: the machine and its Docker engine."""

    environment: Environment
    templates: Templates
    host: Host
    engine: Engine
