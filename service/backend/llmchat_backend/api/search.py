"""Search one's own conversations."""

from typing import Annotated

from fastapi import APIRouter, Query

from llmchat_backend.api.chat_schemas import SearchHits, SearchQuery
from llmchat_backend.api.dependencies import CallerDep, ServicesDep
from llmchat_backend.search.find import find

router = APIRouter(prefix="/api/search", tags=["search"])


@router.get("")
async def search(caller: CallerDep, services: ServicesDep, query: Annotated[SearchQuery, Query()]) -> SearchHits:
    """Find messages and titles that hold every word: beginnings of words, Chinese anywhere, "quoted" ones exactly."""
    found = await services.database.read(find, caller.user_id, query.q, limit=query.limit, offset=query.offset)
    return SearchHits.model_validate(found)
