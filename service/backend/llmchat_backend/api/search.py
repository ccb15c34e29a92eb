"""Search one's own conversations."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from llmchat_backend.api.chat_schemas import SearchHits, SearchQuery
from llmchat_backend.api.dependencies import CallerDep, ServicesDep
from llmchat_backend.search.find import Hits, find

router = APIRouter(prefix="/api/search", tags=["search"])


@router.get("")
async def search(
    caller: CallerDep, services: ServicesDep, http: Request, query: Annotated[SearchQuery, Query()]
) -> SearchHits:
    """Find messages and titles that hold every word: beginnings of words, Chinese anywhere, "quoted" ones exactly."""
    found = Hits([], None)
    async with services.searches.taken(caller.user_id):
        if not await http.is_disconnected():  # whoever types on has no use for what was looked for before
            found = await services.database.read_at_leisure(
                find, caller.user_id, query.q, limit=query.limit, offset=query.offset
            )
    return SearchHits.model_validate(found)
