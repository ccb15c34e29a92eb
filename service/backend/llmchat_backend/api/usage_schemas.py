"""The JSON of usage and limits."""

from datetime import date
from typing import Annotated

from pydantic import Field

from llmchat_backend.api.schemas import Request, Response

Limit = Annotated[int, Field(ge=0, le=2**31 - 1)]


class LimitsOut(Response):
    """What one may; 0 is no limit. Tokens are counted by day (UTC)."""

    messages_per_minute: int
    streams: int
    tokens_per_day: int


class OwnLimits(Request, Response):
    """Limits of one account; null leaves one to its role, 0 is no limit."""

    messages_per_minute: Limit | None = None
    streams: Limit | None = None
    tokens_per_day: Limit | None = None


class FiguresOut(Response):
    """What was asked of the models."""

    requests: int
    prompt_tokens: int
    completion_tokens: int


class DayUsage(FiguresOut):
    """The figures of one model on one day."""

    day: date
    model_id: str


class OwnUsage(Response):
    """One's limits, how far they are used up, and the last days, the newest first."""

    limits: LimitsOut
    messages_last_minute: int
    streams: int
    tokens_today: int
    days: list[DayUsage]


class GroupUsage(FiguresOut):
    """The figures of a day, a model or a user."""

    key: str
    label: str


class UsageByGroup(Response):
    """The figures of the last days, newest or dearest first."""

    items: list[GroupUsage]
