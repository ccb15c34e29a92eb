"""The JSON of keys for programs."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from llmchat_backend.api.schemas import Request, Response, Text


class KeyIn(Request):
    """A new key: what it is for."""

    name: Annotated[Text, Field(min_length=1, max_length=100)]


class KeyOut(Response):
    """A key without its secret part."""

    id: str
    name: str
    prefix: str
    created_at: datetime
    last_used_at: datetime | None


class KeyMade(KeyOut):
    """A new key: it is shown once."""

    key: str


class KeysOut(Response):
    """One's keys, the newest first."""

    items: list[KeyOut]
