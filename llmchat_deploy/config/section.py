"""What every part of an environment is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer

from llmchat_deploy.secret import MASK, Secret

SecretText = Annotated[Secret, PlainSerializer(lambda secret: MASK if secret else "", return_type=str)]
"""A secret that a dump of the model shows as ``***``."""


def without_credentials(url: str) -> str:
    """Return ``url`` with its user name and password, where it has them, shown as ``***``."""
    scheme, separator, rest = url.rpartition("://")
    authority, slash, path = rest.partition("/")
    _, at, host = authority.rpartition("@")
    return f"{scheme}{separator}{MASK}@{host}{slash}{path}" if at else url


ProxyUrl = Annotated[str, PlainSerializer(without_credentials, return_type=str)]
"""A proxy's URL that a dump of the model shows without its credentials."""


class Section(BaseModel):
    """A part of an environment; unknown keys are errors."""

    # The validators are built when they are first used: the loader has its own checks, whose messages name file, line
    # and remedy, so that showing a configuration doesn't pay for them (a quarter of pydantic's start).
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, defer_build=True)
