"""Figures for operators, in Prometheus's format. The edge refuses them to the outside, and so does this."""

import asyncio

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from llmchat_backend.api.dependencies import BareServicesDep
from llmchat_backend.api.outside import is_from_inside
from llmchat_backend.errors import ApiError

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def metrics(request: Request, services: BareServicesDep) -> Response:
    """Return what this process has counted; put together in a thread, so that no answer waits for it."""
    if not is_from_inside(request, services.settings):
        raise ApiError(404, "not_found", "Not Found")
    services.health.refresh()
    return Response(await asyncio.to_thread(services.metrics.text), media_type=CONTENT_TYPE_PLAIN_0_0_4)
