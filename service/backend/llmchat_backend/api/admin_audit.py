"""Administrators read what administrators did."""

from typing import Annotated

from fastapi import APIRouter, Query

from llmchat_backend.api.admin_schemas import AuditEntryOut, AuditPage
from llmchat_backend.api.dependencies import AdminDep, ServicesDep
from llmchat_backend.api.schemas import Text
from llmchat_backend.auth import audit

router = APIRouter(prefix="/api/admin/audit", tags=["admin"])


@router.get("")
async def list_entries(
    _admin: AdminDep,
    services: ServicesDep,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    before: Annotated[Text | None, Query(max_length=200)] = None,
) -> AuditPage:
    """List acts, newest first."""
    page = await services.database.read(audit.page, limit=limit, before=before)
    return AuditPage(items=[AuditEntryOut.model_validate(entry) for entry in page.items], next=page.next)
