"""The models one can choose from."""

from fastapi import APIRouter

from llmchat_backend.api.chat_schemas import ModelOut, ModelsOut, model_health_out
from llmchat_backend.api.dependencies import CallerDep, ServicesDep

router = APIRouter(prefix="/api/models", tags=["models"])


@router.get("")
async def list_models(caller: CallerDep, services: ServicesDep) -> ModelsOut:
    """List one's models, the default one first, and how each is as far as is known: nobody waits for a model server."""
    catalogue, health = services.catalogue.seen_by(is_admin=caller.is_admin), services.health.all()
    return ModelsOut(
        models=[
            ModelOut(
                id=endpoint.id,
                label=endpoint.label,
                default=endpoint is catalogue.default,
                vision=endpoint.vision,
                health=model_health_out(health[endpoint.id]),
            )
            for endpoint in catalogue.endpoints
        ]
    )
