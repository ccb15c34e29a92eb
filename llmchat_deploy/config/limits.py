"""How much of the models one account may use."""

from __future__ import annotations

from pydantic import Field

from llmchat_deploy.config.section import Section


class Limits(Section):
    """What one account may ask of the models; 0 is no limit. An administrator can give an account others."""

    messages_per_minute: int = Field(default=60, ge=0)
    streams: int = Field(default=10, ge=0)
    """Answers that are written at the same time."""
    tokens_per_day: int = Field(default=0, ge=0)
    """Tokens read and written on one day (UTC)."""
    admin_messages_per_minute: int = Field(default=60, ge=0)
    """The same for administrators."""
    admin_streams: int = Field(default=10, ge=0)
    admin_tokens_per_day: int = Field(default=0, ge=0)
