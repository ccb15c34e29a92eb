"""What an account may ask of the models: its role's limits, unless an administrator gave it others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from llmchat_backend.db.models import User

UNLIMITED = 0


class Limits(BaseModel):
    """Limits of one role or account; 0 is no limit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    messages_per_minute: int = Field(default=60, ge=0)
    streams: int = Field(default=10, ge=0)
    tokens_per_day: int = Field(default=UNLIMITED, ge=0)


class RoleLimits(BaseModel):
    """`LIMITS`: what users and what administrators may."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    user: Limits = Limits()
    admin: Limits = Limits()


@dataclass(frozen=True, slots=True)
class OwnLimits:
    """Limits that an administrator gave one account; None leaves one to its role."""

    messages_per_minute: int | None = None
    streams: int | None = None
    tokens_per_day: int | None = None


def limits_of(user: User, roles: RoleLimits) -> Limits:
    """Return what an account may."""
    return resolve(own_limits_of(user), roles, is_admin=user.is_admin)


def resolve(own: OwnLimits, roles: RoleLimits, *, is_admin: bool) -> Limits:
    """Return an account's own limits, its role's in place of those it has none of its own for."""
    role = roles.admin if is_admin else roles.user
    return Limits.model_construct(
        messages_per_minute=_first(own.messages_per_minute, role.messages_per_minute),
        streams=_first(own.streams, role.streams),
        tokens_per_day=_first(own.tokens_per_day, role.tokens_per_day),
    )


def own_limits_of(user: User) -> OwnLimits:
    """Return what an administrator gave this account."""
    return OwnLimits(user.messages_per_minute, user.streams, user.tokens_per_day)


def _first(own: int | None, role: int) -> int:
    return role if own is None else own
