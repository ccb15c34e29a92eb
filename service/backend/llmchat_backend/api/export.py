"""Take one's conversations away, as JSON for programs or as Markdown for people."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import Response, StreamingResponse

from llmchat_backend.api.chat_schemas import ConversationExport, conversation_export
from llmchat_backend.api.dependencies import CallerDep, ServicesDep
from llmchat_backend.api.schemas import Id, Problem
from llmchat_backend.chat import export
from llmchat_backend.chat.export import Whole
from llmchat_backend.clock import utc_now
from llmchat_backend.db.engine import Database
from llmchat_backend.errors import RefusedError

router = APIRouter(prefix="/api", tags=["export"])

Form = Literal["json", "markdown"]
FormDep = Annotated[Form, Query(alias="format")]

_VERSION = 1
_MAX_NAME = 80
_TYPES = {"json": ("application/json", "json"), "markdown": ("text/markdown; charset=utf-8", "md")}


@router.get(
    "/conversations/{conversation_id}/export",
    response_class=Response,
    responses={
        200: {"model": ConversationExport, "description": "The conversation.", "content": {"text/markdown": {}}},
        404: {"model": Problem},
    },
)
async def export_conversation(
    conversation_id: Id, caller: CallerDep, services: ServicesDep, form: FormDep = "json"
) -> Response:
    """Return all of a conversation as a file, replaced answers (in JSON) included."""
    whole = await services.database.read(export.read, caller.user_id, conversation_id)
    kind, _ = _TYPES[form]
    name = whole.conversation.title[:_MAX_NAME] or "conversation"
    return Response(_encode(whole, form), media_type=kind, headers=_headers(name, form))


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"description": "All conversations.", "content": {"application/json": {}, "text/markdown": {}}}},
)
async def export_all(caller: CallerDep, services: ServicesDep, form: FormDep = "json") -> StreamingResponse:
    """Return all of one's conversations as one file, the oldest first; archived ones too."""
    ids = await services.database.read(export.all_ids, caller.user_id)
    wholes = _read_all(services.database, caller.user_id, ids)
    kind, _ = _TYPES[form]
    name = f"conversations-{utc_now():%Y-%m-%d}"
    return StreamingResponse(
        _json_file(wholes) if form == "json" else _markdown_file(wholes),
        media_type=kind,
        headers=_headers(name, form),
    )


async def _read_all(database: Database, user_id: str, ids: Sequence[str]) -> AsyncIterator[Whole]:
    """Read one after the other: neither memory nor a transaction for all."""
    for conversation_id in ids:
        try:
            yield await database.read(export.read, user_id, conversation_id)
        except RefusedError:  # deleted meanwhile
            continue


async def _json_file(wholes: AsyncIterator[Whole]) -> AsyncIterator[bytes]:
    yield f'{{"version":{_VERSION},"exported_at":"{utc_now().isoformat()}","conversations":['.encode()
    between = b""
    async for whole in wholes:
        yield between + _encode(whole, "json")
        between = b",\n"
    yield b"]}\n"


async def _markdown_file(wholes: AsyncIterator[Whole]) -> AsyncIterator[bytes]:
    between = b""
    async for whole in wholes:
        yield between + _encode(whole, "markdown")
        between = b"\n---\n\n"


def _encode(whole: Whole, form: Form) -> bytes:
    text = export.markdown(whole) if form == "markdown" else conversation_export(whole).model_dump_json()
    return text.encode()


def _headers(name: str, form: Form) -> dict[str, str]:
    """Have it saved, under a name that every browser and file system takes."""
    clean = "".join(character if character.isalnum() or character in " -_" else "_" for character in name).strip()
    ending = _TYPES[form][1]
    return {
        "Content-Disposition": f"attachment; filename=\"chat.{ending}\"; filename*=UTF-8''{quote(clean)}.{ending}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
