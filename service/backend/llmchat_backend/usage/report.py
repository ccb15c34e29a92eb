"""Usage, summed up: for its user and for administrators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import func, select

from llmchat_backend.db.models import UsageDay, User

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute, Session

By = Literal["day", "model", "user"]
MAX_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Figures:
    """What was asked of the models."""

    requests: int
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class DayFigures(Figures):
    """The figures of one model on one day (UTC)."""

    day: date
    model_id: str


@dataclass(frozen=True, slots=True)
class GroupFigures(Figures):
    """The figures of a day, a model or a user; `label` is how people call it."""

    key: str
    label: str


_KEYS: dict[By, InstrumentedAttribute[Any]] = {
    "day": UsageDay.day,
    "model": UsageDay.model_id,
    "user": UsageDay.user_id,
}
_SUMS = (
    func.sum(UsageDay.requests),
    func.sum(UsageDay.prompt_tokens),
    func.sum(UsageDay.completion_tokens),
)


def of_user(session: Session, user_id: str, since: date) -> Sequence[DayFigures]:
    """Return a user's figures by day and model, the newest day first."""
    rows = session.execute(
        select(
            UsageDay.requests,
            UsageDay.prompt_tokens,
            UsageDay.completion_tokens,
            UsageDay.day,
            UsageDay.model_id,
        )
        .where(UsageDay.user_id == user_id, UsageDay.day >= since)
        .order_by(UsageDay.day.desc(), UsageDay.model_id)
    )
    return [DayFigures(*row) for row in rows]


def of_all(session: Session, by: By, since: date, user_id: str | None) -> Sequence[GroupFigures]:
    """Return the figures of everybody, or of one user, by day (newest first), or by what cost most."""
    key: ColumnElement[Any] = _KEYS[by].expression
    label = User.username if by == "user" else key
    order = key.desc() if by == "day" else func.sum(UsageDay.prompt_tokens + UsageDay.completion_tokens).desc()
    query = select(*_SUMS, key, label).where(UsageDay.day >= since).group_by(key, label).order_by(order, key)
    if by == "user":
        query = query.join(User, User.id == UsageDay.user_id)
    if user_id is not None:
        query = query.where(UsageDay.user_id == user_id)
    return [
        GroupFigures(requests, prompt, completion, str(found), str(name))
        for requests, prompt, completion, found, name in session.execute(query.limit(MAX_ROWS))
    ]
