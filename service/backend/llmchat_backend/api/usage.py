"""What one has used, and what one may."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from llmchat_backend.api.dependencies import AdminDep, CallerDep, ServicesDep
from llmchat_backend.api.schemas import Id
from llmchat_backend.api.usage_schemas import DayUsage, GroupUsage, LimitsOut, OwnUsage, UsageByGroup
from llmchat_backend.auth import directory
from llmchat_backend.clock import utc_now
from llmchat_backend.usage import meter, report
from llmchat_backend.usage.limits import RoleLimits, limits_of
from llmchat_backend.usage.report import By

router = APIRouter(tags=["usage"])

Days = Annotated[int, Query(ge=1, le=366)]


@router.get("/api/usage")
async def own_usage(caller: CallerDep, services: ServicesDep, days: Days = 30) -> OwnUsage:
    """Tell one's limits, how far they are used up, and the figures of the last days (UTC), today included."""
    return await services.database.read(_own, caller.user_id, services.settings.limits, _since(days))


@router.get("/api/admin/usage", tags=["admin"])
async def all_usage(
    _admin: AdminDep,
    services: ServicesDep,
    by: By = "day",
    days: Days = 30,
    user_id: Annotated[Id | None, Query()] = None,
) -> UsageByGroup:
    """Tell the figures of the last days (UTC) of everybody or one user, by day, by model or by user."""
    rows = await services.database.read(report.of_all, by, _since(days), user_id)
    return UsageByGroup(items=[GroupUsage.model_validate(row) for row in rows])


def _own(session: Session, user_id: str, roles: RoleLimits, since: date) -> OwnUsage:
    now = utc_now()
    counted = meter.counts(session.connection(), user_id, now)
    return OwnUsage(
        limits=LimitsOut.model_validate(limits_of(directory.find(session, user_id), roles)),
        messages_last_minute=counted.recent,
        streams=counted.running,
        tokens_today=meter.tokens_of(session.connection(), user_id, now.date()),
        days=[DayUsage.model_validate(row) for row in report.of_user(session, user_id, since)],
    )


def _since(days: int) -> date:
    return utc_now().date() - timedelta(days=days - 1)
