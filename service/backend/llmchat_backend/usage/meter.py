"""Counts what is asked of the models, in the database, so that both slots and every way of asking count together.

An answer is one row while it is written, and for a minute after it began; what it cost goes to its user, model and day.
"""

from __future__ import annotations

import asyncio
import logging
import math
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from sqlalchemy import and_, delete, func, insert, or_, select, update

from llmchat_backend.clock import utc_now
from llmchat_backend.db.models import Generation, UsageDay, User
from llmchat_backend.errors import ApiError
from llmchat_backend.usage.limits import UNLIMITED, RoleLimits, limits_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from llmchat_backend.db.engine import Database
    from llmchat_backend.db.gate import SchemaGate

P = ParamSpec("P")
T = TypeVar("T")

WINDOW = timedelta(minutes=1)
BEAT_SECONDS = 5
DEAD_AFTER = timedelta(seconds=20)
_TOO_MANY = 429
_STREAM_RETRY_SECONDS = 5

logger = logging.getLogger(__name__)


class Meter:
    """Refuses what is beyond a user's limits."""

    def __init__(self, roles: RoleLimits) -> None:
        self.roles = roles

    def admitted(self, work: Callable[Concatenate[Session, str, P], T]) -> Callable[Concatenate[Session, str, P], T]:
        """Return `work`, which begins an answer for a user, with the limits checked first, in its transaction."""

        def checked(session: Session, user_id: str, /, *args: P.args, **kwargs: P.kwargs) -> T:
            self.check(session, user_id)
            return work(session, user_id, *args, **kwargs)

        return checked

    def check(self, session: Session, user_id: str) -> None:
        """Raise ApiError 429 when one more answer is too much; others of the same user wait for this transaction."""
        user = session.scalars(select(User).where(User.id == user_id).with_for_update()).one_or_none()
        if user is None:  # deleted since the request came in
            raise ApiError(401, "not_authenticated", "Please log in.")
        limits = limits_of(user, self.roles)
        now = utc_now()
        recent, running = counts(session, user_id, now)
        if limits.messages_per_minute != UNLIMITED and recent >= limits.messages_per_minute:
            raise _message_limit(session, user_id, limits.messages_per_minute, now)
        if limits.streams != UNLIMITED and running >= limits.streams:
            raise _refusal(
                "stream_limit",
                f"Only {limits.streams} answers at once. Wait until one has ended.",
                _STREAM_RETRY_SECONDS,
            )
        if limits.tokens_per_day != UNLIMITED and tokens_of(session, user_id, now.date()) >= limits.tokens_per_day:
            raise _refusal("token_quota", "The tokens of today are used up.", _until_tomorrow(now))


def begin(session: Session, user_id: str, generation_id: str, model_id: str) -> None:
    """Count an answer that begins; forget those that count no more."""
    now = utc_now()
    session.execute(
        delete(Generation).where(
            Generation.user_id == user_id, Generation.started_at <= now - WINDOW, or_(*_not_running(now))
        )
    )
    session.execute(
        insert(Generation).values(
            id=generation_id,
            user_id=user_id,
            model_id=model_id,
            started_at=now,
            heartbeat_at=now,
        )
    )
    if not _add(session, user_id, model_id, now.date(), requests=1):
        session.execute(insert(UsageDay).values(user_id=user_id, model_id=model_id, day=now.date(), requests=1))


def end(session: Session, generation_id: str, *, prompt_tokens: int, completion_tokens: int) -> None:
    """Count what an answer cost, on the day on which it began; once, and nothing for a deleted user."""
    ended = session.execute(
        update(Generation)
        .where(Generation.id == generation_id, Generation.ended_at.is_(None))
        .values(ended_at=utc_now())
        .returning(Generation.user_id, Generation.model_id, Generation.started_at)
    ).one_or_none()
    if ended is not None:
        user_id, model_id, started_at = ended
        _add(
            session,
            user_id,
            model_id,
            started_at.date(),
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
        )


def counts(session: Session, user_id: str, now: datetime) -> tuple[int, int]:
    """Return how many answers a user began within the last minute, and how many are being written."""
    recent = func.count().filter(Generation.started_at > now - WINDOW)
    running = func.count().filter(_running(now))
    row = session.execute(select(recent, running).where(Generation.user_id == user_id)).one()
    return row[0], row[1]


def tokens_of(session: Session, user_id: str, day: date) -> int:
    """Return the tokens of a user on one day, read and written."""
    used = select(func.sum(UsageDay.prompt_tokens + UsageDay.completion_tokens))
    return session.scalar(used.where(UsageDay.user_id == user_id, UsageDay.day == day)) or 0


def estimate(prompt_bytes: int, pieces: int) -> tuple[int, int]:
    """Return tokens read and written where the model server told none: a stopped answer must not be free.

    Servers send about one token in a piece; four bytes of text a token is the rule of thumb of OpenAI's documentation.
    """
    return (prompt_bytes // 4 if pieces else 0), pieces


async def keep_alive(database: Database, gate: SchemaGate, running: Callable[[], Sequence[str]]) -> None:
    """Say for ever which answers this process still writes: those of a dead one stop counting as running."""
    while True:
        try:
            if (ids := running()) and await gate.is_open():
                await database.write(_beat, ids)
        except Exception:
            logger.exception("heartbeat of the meter failed")
        await asyncio.sleep(BEAT_SECONDS)


def _beat(session: Session, ids: Sequence[str]) -> None:
    session.execute(update(Generation).where(Generation.id.in_(ids)).values(heartbeat_at=utc_now()))


def _running(now: datetime) -> ColumnElement[bool]:
    return and_(Generation.ended_at.is_(None), Generation.heartbeat_at > now - DEAD_AFTER)


def _not_running(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Generation.ended_at.is_not(None), Generation.heartbeat_at <= now - DEAD_AFTER)


def _add(session: Session, user_id: str, model_id: str, day: date, **more: int) -> bool:
    """Add to a user's, model's and day's figures; return False where there are none yet."""
    added = {name: getattr(UsageDay, name) + number for name, number in more.items()}
    found = session.execute(
        update(UsageDay)
        .where(UsageDay.user_id == user_id, UsageDay.model_id == model_id, UsageDay.day == day)
        .values(added)
        .returning(UsageDay.day)
    )
    return found.one_or_none() is not None


def _message_limit(session: Session, user_id: str, limit: int, now: datetime) -> ApiError:
    """Refuse until the oldest of the last `limit` answers is a minute old."""
    began = select(Generation.started_at).where(Generation.user_id == user_id)
    oldest = session.scalars(began.order_by(Generation.started_at.desc()).offset(limit - 1).limit(1)).one()
    wait = max(1, math.ceil((oldest + WINDOW - now).total_seconds()))
    return _refusal("message_limit", f"Only {limit} messages a minute. Try again in {wait} seconds.", wait)


def _until_tomorrow(now: datetime) -> int:
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time.min, UTC)
    return math.ceil((tomorrow - now).total_seconds())


def _refusal(code: str, message: str, wait: int) -> ApiError:
    return ApiError(_TOO_MANY, code, message, headers={"Retry-After": str(wait)})
