"""One's own keys for programs."""

from fastapi import APIRouter

from llmchat_backend.api.dependencies import CallerDep, ServicesDep
from llmchat_backend.api.keys_schemas import KeyIn, KeyMade, KeyOut, KeysOut
from llmchat_backend.api.schemas import Id
from llmchat_backend.auth import api_keys

router = APIRouter(prefix="/api/keys", tags=["keys"])


@router.get("")
async def list_keys(caller: CallerDep, services: ServicesDep) -> KeysOut:
    """List one's keys, the newest first; of each only its beginning."""
    keys = await services.database.read(api_keys.list_of, caller.user_id)
    return KeysOut(items=[KeyOut.model_validate(key) for key in keys])


@router.post("", status_code=201)
async def create_key(body: KeyIn, caller: CallerDep, services: ServicesDep) -> KeyMade:
    """Make a key for the OpenAI protocol below /v1; it is shown this once."""
    made = await services.database.write(api_keys.create, caller.user_id, body.name)
    return KeyMade(**KeyOut.model_validate(made.row).model_dump(), key=made.key)


@router.delete("/{key_id}", status_code=204)
async def revoke_key(key_id: Id, caller: CallerDep, services: ServicesDep) -> None:
    """Make a key worthless at once."""
    await services.database.write(api_keys.revoke, caller.user_id, key_id)
