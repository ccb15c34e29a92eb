"""Counts what is asked of the models, in the database, so that both slots and every way of asking count together.

An answer is one row while it is written, and for a minute after it began; what it cost goes to its user, model and day.
"""

from __future__ import annotations

import asyncio
import logging
import math
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from llmchat_backend.clock import utc_now
from llmchat_backend.db.models import Generation, User
from llmchat_backend.errors import ApiError, not_authenticated, password_change_required
from llmchat_backend.usage.limits import UNLIMITED, OwnLimits, RoleLimits, resolve
from llmchat_backend.usage.statements import (
    ADD,
    BEGIN,
    COUNT,
    END,
    FIRST,
    FORGET,
    LOCK_USER,
    LOCK_USER_OF_SESSION,
    NTH_NEWEST_START,
    TOKENS,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from llmchat_backend.db.engine import Database
    from llmchat_backend.db.gate import SchemaGate
    from llmchat_backend.usage.limits import Limits

P = ParamSpec("P")
T = TypeVar("T")
Work = TypeVar("Work", Connection, Session)

WINDOW = timedelta(minutes=1)
BEAT_SECONDS = 5
DEAD_AFTER = timedelta(seconds=20)
GONE_AFTER = timedelta(hours=1)
"""When an answer without heartbeats is forgotten: until then a machine that slept ends it, and counts what it cost."""

BYTES_OF_A_TOKEN = 4
"""The rule of thumb of OpenAI's documentation."""

_TOO_MANY = 429
_STREAM_RETRY_SECONDS = 5

logger = logging.getLogger(__name__)


class Meter:
    """Refuses what is beyond a user's limits."""

    def __init__(self, roles: RoleLimits) -> None:
        self.roles = roles

    def admitted(self, work: Callable[Concatenate[Work, str, P], T]) -> Callable[Concatenate[Work, str, P], T]:
        """Return `work`, which begins an answer for a user, with the limits checked first, in its transaction."""

        def checked(within: Work, user_id: str, /, *args: P.args, **kwargs: P.kwargs) -> T:
            self.check(_rows(within), user_id)
            return work(within, user_id, *args, **kwargs)

        return checked

    def admitted_session(
        self, work: Callable[Concatenate[Connection, str, P], T]
    ) -> Callable[Concatenate[Connection, str, P], T]:
        """Return `work` as `admitted` does, for the user of a log-in session, who is looked up with the limits.

        Raises ApiError 401 where it isn't one any more, 403 for who must choose a password first.
        """

        def checked(connection: Connection, session_id: str, /, *args: P.args, **kwargs: P.kwargs) -> T:
            user = connection.execute(LOCK_USER_OF_SESSION, {"session_id": session_id, "now": utc_now()}).one_or_none()
            if user is None:
                raise not_authenticated()
            user_id, must_change_password, is_admin, *own = user
            if must_change_password:
                raise password_change_required()
            self._check(connection, user_id, resolve(OwnLimits(*own), self.roles, is_admin=is_admin))
            return work(connection, user_id, *args, **kwargs)

        return checked

    def check(self, connection: Connection, user_id: str) -> None:
        """Raise ApiError 429 when one more answer is too much; others of the same user wait for this transaction."""
        user = connection.execute(LOCK_USER, {"of_user": user_id}).one_or_none()
        if user is None:  # deleted since the request came in
            raise not_authenticated()
        is_admin, *own = user
        self._check(connection, user_id, resolve(OwnLimits(*own), self.roles, is_admin=is_admin))

    @staticmethod
    def _check(connection: Connection, user_id: str, limits: Limits) -> None:
        now = utc_now()
        unlimited = limits.messages_per_minute == limits.streams == UNLIMITED
        counted = Counted(0, 0) if unlimited else counts(connection, user_id, now)
        if limits.messages_per_minute != UNLIMITED and counted.recent >= limits.messages_per_minute:
            raise _message_limit(connection, user_id, limits.messages_per_minute, now)
        if limits.streams != UNLIMITED and counted.running >= limits.streams:
            raise _refusal(
                "stream_limit",
                f"Only {limits.streams} answers at once. Wait until one has ended.",
                _STREAM_RETRY_SECONDS,
            )
        if limits.tokens_per_day != UNLIMITED and tokens_of(connection, user_id, now.date()) >= limits.tokens_per_day:
            raise _refusal("token_quota", "The tokens of today are used up.", _until_tomorrow(now))


@dataclass(frozen=True, slots=True)
class Counted:
    """Answers of one user: begun within the last minute, and being written."""

    recent: int
    running: int


def begin(connection: Connection, user_id: str, generation_id: str, model_id: str) -> None:
    """Count an answer that begins."""
    now = utc_now()
    begun = {"id": generation_id, "user_id": user_id, "model_id": model_id, "started_at": now, "heartbeat_at": now}
    connection.execute(BEGIN, begun)
    if not _add(connection, user_id, model_id, now.date(), requests=1):
        connection.execute(FIRST, {"user_id": user_id, "model_id": model_id, "day": now.date(), "requests": 1})


def end(connection: Connection, generation_id: str, *, prompt_tokens: int, completion_tokens: int) -> None:
    """Count what an answer cost, on the day on which it began; once, and nothing for a deleted user."""
    ended = connection.execute(END, {"of_generation": generation_id, "now": utc_now()}).one_or_none()
    if ended is not None:
        user_id, model_id, started_at = ended
        _add(connection, user_id, model_id, started_at.date(), read=prompt_tokens, written=completion_tokens)


def add(connection: Connection, user_id: str, model_id: str, *, prompt_tokens: int, completion_tokens: int) -> None:
    """Count tokens of today that belong to no answer."""
    day = utc_now().date()
    if not _add(connection, user_id, model_id, day, read=prompt_tokens, written=completion_tokens):
        connection.execute(FIRST, {"user_id": user_id, "model_id": model_id, "day": day, "requests": 0})
        _add(connection, user_id, model_id, day, read=prompt_tokens, written=completion_tokens)


def counts(connection: Connection, user_id: str, now: datetime) -> Counted:
    """Count a user's answers."""
    return Counted(*connection.execute(COUNT, _at(user_id, now)).one())


def tokens_of(connection: Connection, user_id: str, day: date) -> int:
    """Return the tokens of a user on one day, read and written."""
    return connection.execute(TOKENS, {"of_user": user_id, "on_day": day}).scalar() or 0


def estimate(prompt_bytes: int, pieces: int) -> tuple[int, int]:
    """Return tokens read and written where the model server told none: a stopped answer must not be free.

    Servers send about one token in a piece.
    """
    return (prompt_bytes // BYTES_OF_A_TOKEN if pieces else 0), pieces


async def keep_alive(
    database: Database, gate: SchemaGate, running: Callable[[], Sequence[str]], stop: Callable[[str], None]
) -> None:
    """Say for ever which answers this process still writes: those of a dead one stop counting as running.

    An answer whose user was locked out or deleted meanwhile is to stop.
    """
    while True:
        try:
            if (ids := running()) and await gate.is_open():
                for generation_id in set(ids) - set(await database.write(beat, ids)):
                    stop(generation_id)
        except Exception:
            logger.exception("heartbeat of the meter failed")
        await asyncio.sleep(BEAT_SECONDS)


def beat(session: Session, ids: Sequence[str]) -> Sequence[str]:
    """Renew the heartbeats, forget what counts no more, for anybody; return the ids that may go on."""
    now = utc_now()
    session.execute(update(Generation).where(Generation.id.in_(ids)).values(heartbeat_at=now))
    session.connection().execute(FORGET, {"minute_ago": now - WINDOW, "gone_before": now - GONE_AFTER})
    return session.scalars(select(Generation.id).join(User).where(Generation.id.in_(ids), User.is_active)).all()


def _rows(within: Connection | Session) -> Connection:
    return within.connection() if isinstance(within, Session) else within


def _at(user_id: str, now: datetime) -> dict[str, object]:
    return {"of_user": user_id, "minute_ago": now - WINDOW, "dead_before": now - DEAD_AFTER}


def _add(  # noqa: PLR0913 - whose figures, and how much more
    connection: Connection,
    user_id: str,
    model_id: str,
    day: date,
    *,
    requests: int = 0,
    read: int = 0,
    written: int = 0,
) -> bool:
    """Add to a user's, model's and day's figures; return False where there are none yet."""
    more = {"more_requests": requests, "more_read": read, "more_written": written}
    found = connection.execute(ADD, {"of_user": user_id, "of_model": model_id, "on_day": day, **more})
    return found.rowcount > 0


def _message_limit(connection: Connection, user_id: str, limit: int, now: datetime) -> ApiError:
    """Refuse until the oldest of the last `limit` answers is a minute old."""
    newer = {"of_user": user_id, "newer": limit - 1}
    oldest: datetime = connection.execute(NTH_NEWEST_START, newer).scalar_one()
    wait = max(1, math.ceil((oldest + WINDOW - now).total_seconds()))
    return _refusal("message_limit", f"Only {limit} messages a minute. Try again in {wait} seconds.", wait)


def _until_tomorrow(now: datetime) -> int:
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time.min, UTC)
    return math.ceil((tomorrow - now).total_seconds())


def _refusal(code: str, message: str, wait: int) -> ApiError:
    return ApiError(_TOO_MANY, code, message, headers={"Retry-After": str(wait)})
