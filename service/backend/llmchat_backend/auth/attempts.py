"""Limits on guessing passwords, kept in the database so that both slots count together.

An attempt is counted *before* the password is checked and forgiven when it was right: parallel guesses can't all pass
the check before the first of them is counted.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, update

from llmchat_backend.auth.accounts import username_key
from llmchat_backend.clock import utc_now
from llmchat_backend.db.models import LoginThrottle

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

WINDOW = timedelta(minutes=5)
ATTEMPTS_PER_ACCOUNT = 10
ATTEMPTS_PER_ADDRESS = 30
REGISTRATIONS_PER_ADDRESS = 30  # a class that registers together stands behind one address


@dataclass(frozen=True, slots=True)
class Limit:
    """One counter: its key in the database and how far it may go."""

    key: str
    attempts: int


def limits_of(username: str, address: str | None) -> tuple[Limit, ...]:
    """Return the counters of a log-in; an address nobody can tell (None) has none."""
    account = Limit(_key("account", username_key(username)), ATTEMPTS_PER_ACCOUNT)
    return (account,) if address is None else (account, Limit(_key("address", address), ATTEMPTS_PER_ADDRESS))


def limits_of_registration(address: str | None) -> tuple[Limit, ...]:
    """Return the counters of a registration; an address nobody can tell (None) has none."""
    return () if address is None else (Limit(_key("register", address), REGISTRATIONS_PER_ADDRESS),)


def count(session: Session, limits: tuple[Limit, ...]) -> int | None:
    """Count an attempt and return None, or the seconds to wait when a limit is already reached."""
    now = utc_now()
    session.execute(delete(LoginThrottle).where(LoginThrottle.window_ends_at <= now))
    counters = [(limit, session.get(LoginThrottle, limit.key)) for limit in limits]
    waits = [c.window_ends_at - now for limit, c in counters if c is not None and c.attempts >= limit.attempts]
    if waits:
        return math.ceil(max(waits).total_seconds())
    for limit, counter in counters:
        if counter is None:
            session.add(LoginThrottle(key=limit.key, attempts=1, window_ends_at=now + WINDOW))
        else:
            counter.attempts += 1
    return None


def forgive(session: Session, limits: tuple[Limit, ...]) -> None:
    """Take back the attempt that turned out right, and the account's earlier mistakes with it."""
    account, *others = limits
    session.execute(delete(LoginThrottle).where(LoginThrottle.key == account.key))
    session.execute(
        update(LoginThrottle)
        .where(LoginThrottle.key.in_([limit.key for limit in others]), LoginThrottle.attempts > 0)
        .values(attempts=LoginThrottle.attempts - 1)
    )


def _key(kind: str, value: str) -> str:
    """Return a key of fixed length; hashed, because a failed name is often a password typed into the wrong box."""
    return f"{kind}:{hashlib.sha256(value.encode()).hexdigest()}"
