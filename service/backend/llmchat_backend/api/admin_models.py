"""Administrators ask whether a model answers."""

from fastapi import APIRouter

from llmchat_backend.api.admin_schemas import ModelCheck
from llmchat_backend.api.dependencies import AdminDep, ServicesDep
from llmchat_backend.api.schemas import Id
from llmchat_backend.chat.probe import Answering, probe

router = APIRouter(prefix="/api/admin/models", tags=["admin"])

_TIMEOUT_SECONDS = 20


@router.post("/{model_id}/check")
async def check_model(model_id: Id, _admin: AdminDep, services: ServicesDep) -> ModelCheck:
    """Ask a model for one word, for at most 20 seconds; whatever it answers, the service itself is well."""
    endpoint = services.catalogue.find(model_id)
    found = await probe(services.upstream, endpoint, _TIMEOUT_SECONDS)
    if isinstance(found, Answering):
        return ModelCheck(model_id=found.model, first_token_ms=found.first_token_ms)
    return ModelCheck(model_id=found.model, code=found.code, detail=found.detail, hint=found.hint)
