"""Administrators ask how the models are."""

from fastapi import APIRouter

from llmchat_backend.api.admin_schemas import ModelCheck, ModelStates, model_state_out
from llmchat_backend.api.dependencies import AdminDep, ServicesDep
from llmchat_backend.api.schemas import Id
from llmchat_backend.chat.probe import Answering, probe
from llmchat_backend.chat.upstream_errors import UpstreamError

router = APIRouter(prefix="/api/admin/models", tags=["admin"])

_TIMEOUT_SECONDS = 20


@router.get("")
async def list_models(_admin: AdminDep, services: ServicesDep) -> ModelStates:
    """List the models and how each is, as far as this slot knows; nobody waits for a model server."""
    health = services.health.all()
    return ModelStates(
        models=[
            model_state_out(endpoint, health[endpoint.id], default=endpoint is services.catalogue.default)
            for endpoint in services.catalogue.endpoints
        ]
    )


@router.post("/{model_id}/check")
async def check_model(model_id: Id, _admin: AdminDep, services: ServicesDep) -> ModelCheck:
    """Ask a model for one word, for at most 20 seconds; whatever it answers, the service itself is well."""
    endpoint = services.catalogue.find(model_id)
    found = await probe(services.upstream, endpoint, _TIMEOUT_SECONDS)
    if isinstance(found, Answering):
        services.health.answer_ended(endpoint.id, "complete", None)
        return ModelCheck(model_id=found.model, first_token_ms=found.first_token_ms)
    services.health.answer_ended(endpoint.id, "error", UpstreamError(found.code, found.detail))
    return ModelCheck(model_id=found.model, code=found.code, detail=found.detail, hint=found.hint)
