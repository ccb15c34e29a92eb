"""Show every setting of an environment and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmchat_deploy.config.describe import Row, describe
from llmchat_deploy.operations.outcome import Outcome

if TYPE_CHECKING:
    from llmchat_deploy.config.load import Loaded


@dataclass(frozen=True, slots=True)
class ConfigShowData:
    """The settings of an environment, in the order of the model."""

    environment: str
    rows: tuple[Row, ...]


def show(loaded: Loaded) -> Outcome[ConfigShowData]:
    """Return each setting's key, its value as text (secrets as ``***``) and its source."""
    data = ConfigShowData(loaded.environment.name, describe(loaded))
    return Outcome("config show", data, warnings=loaded.warnings)
