"""What a plan is carried out with, and what carrying it out found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from llmchat_deploy.config.model import Environment
from llmchat_deploy.engine.base import Engine
from llmchat_deploy.host.base import Host
from llmchat_deploy.secret import Secret, mask


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What asking the default model for one token gave; ``reason`` is empty where it answered."""

    model: str
    ok: bool
    reason: str = ""
    detail: str = ""
    hint: str = ""


@dataclass(slots=True)
class Findings:
    """What the steps learned that the command shows at its end."""

    base: str = ""
    """The base image that was made because the planned one didn't come."""
    admin_password: Secret | None = None
    admin_exists: bool = False
    model: ModelAnswer | None = None
    backup: dict[str, Any] | None = None
    """The sidecar of the backup that was made."""
    restored: dict[str, Any] | None = None
    """What filling a volume from a backup found."""
    copies: dict[str, Any] = field(default_factory=dict)
    """Remote -> what became of the copy sent there."""
    verified: list[dict[str, Any]] = field(default_factory=list)
    """What reading each backup back found."""
    drill: dict[str, Any] | None = None
    """What the restore into a place of its own found."""
    pruned: dict[str, Any] = field(default_factory=dict)
    """What became of each backup, here and on the remotes."""
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Run:
    """One execution: ports to the machine, the environment it is for, and what it found so far."""

    environment: Environment
    host: Host
    engine: Engine
    findings: Findings
    progress: Callable[[str], None]
    """Takes the latest line of a long step."""
    identities: tuple[Secret, ...] = ()
    """The keys that open encrypted backups; only a restore needs them."""

    def masked(self, text: str) -> str:
        """Return the text without any secret of the environment."""
        return mask(text, self.environment.secrets)

    def require_engine(self) -> None:
        """Raise DockerUnavailable where the engine is gone: asked when a ``docker`` command failed, to say why."""
        self.engine.data_root()
