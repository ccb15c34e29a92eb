"""The OpenAI protocol: editors and scripts use the same models, with keys of their users and the same limits."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from llmchat_backend.api.dependencies import ServicesDep, find_bearer
from llmchat_backend.api.event_stream import event_stream
from llmchat_backend.api.openai_body import BODY, read_chat
from llmchat_backend.api.openai_schemas import ModelCard, ModelList, OpenAiProblem
from llmchat_backend.api.schemas import Text
from llmchat_backend.auth import api_keys
from llmchat_backend.auth.api_keys import KeyHolder
from llmchat_backend.chat.catalogue import Catalogue, ModelEndpoint
from llmchat_backend.chat.upstream_errors import UpstreamError
from llmchat_backend.errors import ApiError, password_change_required
from llmchat_backend.openai import errors

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    "default": {"model": OpenAiProblem, "description": "A refusal, or a failure of the service or the model server."}
}

router = APIRouter(prefix="/v1", tags=["openai"], responses=_PROBLEMS)


async def get_key_holder(http: Request, services: ServicesDep) -> KeyHolder:
    """Return whose key came as Bearer token; a cookie or a log-in's token is no key. Raises ApiError 401, 403."""
    key = find_bearer(http)
    holder = await services.database.read(api_keys.find_holder, key) if key else None
    if holder is None:
        raise ApiError(401, "invalid_api_key", "This API key is not valid.", headers={"WWW-Authenticate": "Bearer"})
    if holder.must_change_password:
        raise password_change_required()
    if api_keys.is_use_to_be_noted(holder):
        await services.database.write(api_keys.note_use, holder.key_id)
    return holder


KeyHolderDep = Annotated[KeyHolder, Depends(get_key_holder)]


@router.get("/models")
async def list_models(holder: KeyHolderDep, services: ServicesDep) -> ModelList:
    """List one's models, the default one first."""
    seen = services.catalogue.seen_by(is_admin=holder.is_admin)
    return ModelList(data=[ModelCard(id=endpoint.id) for endpoint in seen.endpoints])


@router.get("/models/{model_id:path}")
async def read_model(model_id: Text, holder: KeyHolderDep, services: ServicesDep) -> ModelCard:
    """Return one model."""
    return ModelCard(id=_find(services.catalogue.seen_by(is_admin=holder.is_admin), model_id).id)


@router.post(
    "/chat/completions",
    response_class=JSONResponse,
    responses={200: {"description": "An answer, or its chunks as events", "content": {"text/event-stream": {}}}},
    openapi_extra=BODY,
)
async def complete(http: Request, holder: KeyHolderDep, services: ServicesDep) -> Response:
    """Answer a chat. Fields of the protocol are passed on to the model server; others are refused by name."""
    body = await read_chat(http)  # no parameter: that would be read and parsed before anybody looks at the key
    endpoint = _find(services.catalogue.seen_by(is_admin=holder.is_admin), body.model)
    asked = await services.completions.begin(holder.user_id, endpoint, body.model_dump(exclude_unset=True))
    try:
        if body.stream:
            return event_stream(await services.completions.stream(asked))
        return JSONResponse(await services.completions.whole(asked, _disconnected(http)))
    except UpstreamError as error:
        raise errors.from_upstream(error) from error


def _find(catalogue: Catalogue, model: str) -> ModelEndpoint:
    """Return the model of this id, else the one that its server calls so."""
    by_id = (endpoint for endpoint in catalogue.endpoints if endpoint.id == model)
    by_name = (endpoint for endpoint in catalogue.endpoints if endpoint.model == model)
    found = next(by_id, None) or next(by_name, None)
    if found is None:
        raise ApiError(404, "model_not_found", "This model is not configured here.")
    return found


async def _disconnected(http: Request) -> None:
    """Return when the client has left; its body has been read, so nothing else is to come."""
    message = await http.receive()
    while message["type"] != "http.disconnect":
        message = await http.receive()
