"""The meter's SQL, made once: every message passes it, and making a statement costs more than running it."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, update

from llmchat_backend.db.models import Generation, LoginSession, UsageDay, User, table_of

_user, _session, _generation = table_of(User), table_of(LoginSession), table_of(Generation)
_users = _user.c
_sessions = _session.c
_generations = _generation.c
_usage = table_of(UsageDay)
_days = _usage.c

_recent = _generations.started_at > bindparam("minute_ago")
_running = and_(_generations.ended_at.is_(None), _generations.heartbeat_at > bindparam("dead_before"))
_over = and_(
    _generations.started_at <= bindparam("minute_ago"),
    or_(_generations.ended_at.is_not(None), _generations.heartbeat_at <= bindparam("gone_before")),
)
_of_user = _generations.user_id == bindparam("of_user")
_the_day = and_(
    _days.user_id == bindparam("of_user"), _days.model_id == bindparam("of_model"), _days.day == bindparam("on_day")
)

LOCK_USER = (
    select(_users.is_admin, _users.messages_per_minute, _users.streams, _users.tokens_per_day)
    .where(_users.id == bindparam("of_user"))
    .with_for_update()
)
LOCK_USER_OF_SESSION = (
    select(_users.id, _users.must_change_password, *LOCK_USER.selected_columns)
    .join(_session, _sessions.user_id == _users.id)
    .where(_sessions.id == bindparam("session_id"), _sessions.expires_at > bindparam("now"), _users.is_active)
    .with_for_update(of=_user)
)
COUNT = select(func.count().filter(_recent), func.count().filter(_running)).where(_of_user)
NTH_NEWEST_START = (
    select(_generations.started_at)
    .where(_of_user)
    .order_by(_generations.started_at.desc())
    .offset(bindparam("newer"))
    .limit(1)
)
TOKENS = select(func.sum(_days.prompt_tokens + _days.completion_tokens)).where(
    _days.user_id == bindparam("of_user"), _days.day == bindparam("on_day")
)
FORGET = delete(_generation).where(_over)
BEGIN = insert(_generation)
END = (
    update(_generation)
    .where(_generations.id == bindparam("of_generation"), _generations.ended_at.is_(None))
    .values(ended_at=bindparam("now"))
    .returning(_generations.user_id, _generations.model_id, _generations.started_at)
)
ADD = (
    update(_usage)
    .where(_the_day)
    .values(
        requests=_days.requests + bindparam("more_requests"),
        prompt_tokens=_days.prompt_tokens + bindparam("more_read"),
        completion_tokens=_days.completion_tokens + bindparam("more_written"),
    )
)
FIRST = insert(_usage)
