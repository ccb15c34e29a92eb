"""Stored conversations."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from llmchat_backend.api.chat_schemas import (
    ConversationChange,
    ConversationDetail,
    ConversationIn,
    ConversationOut,
    ConversationPage,
    ConversationQuery,
    conversation_out,
    message_out,
)
from llmchat_backend.api.dependencies import CallerDep, ServicesDep
from llmchat_backend.api.schemas import Id
from llmchat_backend.chat import conversations

router = APIRouter(prefix="/api/conversations", tags=["conversations"])


@router.get("")
async def list_conversations(
    caller: CallerDep, services: ServicesDep, query: Annotated[ConversationQuery, Query()]
) -> ConversationPage:
    """List one's conversations, the one used last first: those in use, or those in the archive."""
    wanted = conversations.Wanted(**query.model_dump())
    page = await services.database.read(conversations.page, caller.user_id, wanted)
    return ConversationPage(items=[conversation_out(item) for item in page.items], next=page.next)


@router.post("", status_code=201)
async def create_conversation(
    caller: CallerDep, services: ServicesDep, body: ConversationIn | None = None
) -> ConversationOut:
    """Begin an empty conversation."""
    body = body or ConversationIn()
    seen = services.catalogue.seen_by(is_admin=caller.is_admin)
    values = {**body.values(), "model_id": seen.find(body.model_id).id}
    return conversation_out(await services.database.write(conversations.create, caller.user_id, values))


@router.get("/{conversation_id}")
async def read_conversation(conversation_id: Id, caller: CallerDep, services: ServicesDep) -> ConversationDetail:
    """Return a conversation with its messages."""
    return await services.database.read(_detail, caller.user_id, conversation_id)


@router.patch("/{conversation_id}")
async def change_conversation(
    conversation_id: Id, body: ConversationChange, caller: CallerDep, services: ServicesDep
) -> ConversationOut:
    """Rename, pin or archive a conversation; choose another model, its instructions and parameters for what comes."""
    if body.model_id is not None:
        services.catalogue.seen_by(is_admin=caller.is_admin).find(body.model_id)
    changed = await services.database.write(conversations.change, caller.user_id, conversation_id, body.values())
    return conversation_out(changed)


@router.delete("/{conversation_id}", status_code=204)
async def delete_conversation(conversation_id: Id, caller: CallerDep, services: ServicesDep) -> None:
    """Delete a conversation, its messages and files; an answer still being written ends."""
    attachment_ids = await services.database.write(conversations.delete, caller.user_id, conversation_id)
    await asyncio.to_thread(services.files.remove, attachment_ids)


def _detail(session: Session, user_id: str, conversation_id: str) -> ConversationDetail:
    conversation = conversations.get(session, user_id, conversation_id)
    stored = conversations.messages(session, conversation_id)
    return ConversationDetail(
        **conversation_out(conversation).model_dump(), messages=[message_out(message) for message in stored]
    )
