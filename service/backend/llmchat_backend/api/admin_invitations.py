"""Administrators invite people."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from llmchat_backend.api.admin_schemas import InvitationIn, InvitationMade, InvitationOut, InvitationPage
from llmchat_backend.api.dependencies import AdminDep, ServicesDep
from llmchat_backend.api.schemas import Id, Text
from llmchat_backend.auth import audit, invitations
from llmchat_backend.auth.audit import Actor

router = APIRouter(prefix="/api/admin/invitations", tags=["admin"])


@router.get("")
async def list_invitations(
    _admin: AdminDep,
    services: ServicesDep,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    before: Annotated[Text | None, Query(max_length=200)] = None,
) -> InvitationPage:
    """List invitations, newest first, those that are used up or revoked included."""
    page = await services.database.read(invitations.page, limit=limit, before=before)
    return InvitationPage(items=[InvitationOut.model_validate(item) for item in page.items], next=page.next)


@router.post("", status_code=201)
async def create_invitation(admin: AdminDep, services: ServicesDep, body: InvitationIn | None = None) -> InvitationMade:
    """Make a code that lets people register where the policy is `invite`; it is shown this once."""
    return await services.database.write(_create, admin, body or InvitationIn())


@router.delete("/{invitation_id}", status_code=204)
async def revoke_invitation(invitation_id: Id, admin: AdminDep, services: ServicesDep) -> None:
    """Make a code worthless; who has registered with it stays."""
    await services.database.write(_revoke, admin, invitation_id)


def _create(session: Session, admin: Actor, wanted: InvitationIn) -> InvitationMade:
    made = invitations.create(session, created_by=admin.name, note=wanted.note, uses=wanted.uses, days=wanted.days)
    audit.about_invitation(session, admin, "invitation.create", made.invitation, uses=wanted.uses, days=wanted.days)
    return InvitationMade(**InvitationOut.model_validate(made.invitation).model_dump(), code=made.code)


def _revoke(session: Session, admin: Actor, invitation_id: str) -> None:
    audit.about_invitation(session, admin, "invitation.revoke", invitations.revoke(session, invitation_id))
