"""Check an environment's configuration, all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmchat_deploy.config.load import load_environment
from llmchat_deploy.operations.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmchat_deploy.config.sources import Sources
    from llmchat_deploy.secret import Secret


@dataclass(frozen=True, slots=True)
class ConfigValidateData:
    """What was found right: an environment and how many settings it has."""

    environment: str
    settings: int


def validate(
    name: str, sources: Sources, overrides: tuple[str, ...] = (), *, new_secret: Callable[[], Secret]
) -> Outcome[ConfigValidateData]:
    """Return the outcome for a valid configuration; raises InvalidConfig with every problem of any other."""
    loaded = load_environment(name, sources, overrides, new_secret=new_secret)
    data = ConfigValidateData(name, len(loaded.provenance))
    return Outcome("config validate", data, warnings=loaded.warnings)
